import Base
import Glibc

/// The bytes of all values: one short random window, repeated; the key selects the page at which a value begins. The
/// window fits a core's cache, so that sending costs the client little, and its length divides no server's slice size,
/// so that a misplaced slice is noticed.
final class Pattern: @unchecked Sendable {  // written once, before the threads start
  private let window: UnsafeMutableRawBufferPointer
  private static let pagesCount = 61
  private static let pageBytes = 4096

  init() {
    window = .allocate(byteCount: Self.pagesCount * Self.pageBytes, alignment: Self.pageBytes)
    var random = SplitMix64(seed: 1)
    for offset in stride(from: 0, to: window.count, by: 8) {
      window.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
  }

  deinit { window.deallocate() }

  /// The value's bytes from `offset` to the end of the window or of the value.
  @inline(__always)
  func stretch(of key: Int, at offset: Int, upTo count: Int) -> UnsafeRawBufferPointer {
    let start =
      Int((UInt(bitPattern: key) % UInt(Self.pagesCount)) * UInt(Self.pageBytes) + UInt(offset)) % window.count
    let end = min(window.count, start + count - offset)
    return UnsafeRawBufferPointer(start: window.baseAddress! + start, count: end - start)
  }

  func matches(_ bytes: UnsafeRawBufferPointer, key: Int) -> Bool {
    var compared = 0
    while compared < bytes.count {
      let stretch = stretch(of: key, at: compared, upTo: bytes.count)
      if memcmp(bytes.baseAddress! + compared, stretch.baseAddress!, stretch.count) != 0 { return false }
      compared += stretch.count
    }
    return true
  }
}

import Base
import Glibc

/// The bytes of all values: one short random window, repeated, in which every key begins at a page of its own.
/// The window fits a core's cache, so that sending it costs the client little, and its length divides no slice of
/// any server, so that a misplaced slice is noticed.
struct Pattern: @unchecked Sendable {  // written once, before the threads start
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

  func send(valueOf key: Int, count: Int, over socket: Socket, more: Bool) throws(Failure) {
    var sent = 0
    while sent < count {
      let stretch = stretch(of: key, at: sent, upTo: count)
      sent += stretch.count
      try socket.send(stretch, more: more || sent < count)
    }
  }

  func matches(_ bytes: UnsafeMutableRawBufferPointer, key: Int) -> Bool {
    var compared = 0
    while compared < bytes.count {
      let stretch = stretch(of: key, at: compared, upTo: bytes.count)
      if memcmp(bytes.baseAddress! + compared, stretch.baseAddress!, stretch.count) != 0 { return false }
      compared += stretch.count
    }
    return true
  }

  /// The value's bytes from `offset` to the end of the window or of the value.
  private func stretch(of key: Int, at offset: Int, upTo count: Int) -> UnsafeRawBufferPointer {
    let start = (key * Self.pageBytes + offset) % window.count
    let end = min(window.count, start + count - offset)
    return UnsafeRawBufferPointer(rebasing: window[start..<end])
  }
}

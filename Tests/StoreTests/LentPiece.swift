import Base
import Glibc

@testable import Store

@_silgen_name("vmsplice")
private func vmsplice(_ pipe: Int32, _ regions: UnsafePointer<iovec>, _ count: Int, _ flags: UInt32) -> Int

/// The first pages of a value as the kernel holds them after a send without a copy: a pipe keeps references to them,
/// whatever happens to the value.
final class LentPiece {
  let version: Int
  private let reader: Int32
  private let byteCount: Int

  /// Nil if the value's first bytes cannot be lent.
  init?(_ pin: borrowing Pin, version: Int) {
    let wanted = 4 * Limits.unitBytes
    guard pin.lend(from: 0, min: 1, max: wanted) == wanted else { return nil }
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    defer { close(ends[1]) }
    self.version = version
    reader = ends[0]
    byteCount = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 1) { region in
      let count = pin.regions(from: 0, max: wanted, into: region)
      precondition(count == 1, "a block lies in one piece")
      return vmsplice(ends[1], UnsafePointer(region.baseAddress!), 1, 0)
    }
    precondition(byteCount == wanted, "a pipe has room for sixteen pages")
  }

  deinit { close(reader) }

  /// Reads the bytes that the kernel holds, once.
  func isUnchanged() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { bytes in
      precondition(read(reader, bytes.baseAddress!, byteCount) == byteCount)
      return memcmp(bytes.baseAddress!, Noise.start(version: version), byteCount) == 0
    }
  }
}

import Base
import Glibc

/// Zeroed memory that costs nothing until it is touched. Returned to the system with its last reference.
final class Mapping: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  private let whole: UnsafeMutableRawBufferPointer

  init(byteCount: Int, alignment: Int = Limits.unitBytes) throws(StoreFailure) {
    let wholeCount = byteCount + alignment
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let start = mmap(nil, wholeCount, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else {
      throw .mappingRefused(bytes: wholeCount, errno: errno)
    }
    whole = UnsafeMutableRawBufferPointer(start: start, count: wholeCount)
    base = start.alignedUp(toMultipleOf: alignment)
    self.byteCount = byteCount
  }

  deinit { munmap(whole.baseAddress, whole.count) }
}

extension UnsafeMutableRawPointer {
  fileprivate func alignedUp(toMultipleOf alignment: Int) -> UnsafeMutableRawPointer {
    let address = Int(bitPattern: self)
    return self + ((alignment - address % alignment) % alignment)
  }
}

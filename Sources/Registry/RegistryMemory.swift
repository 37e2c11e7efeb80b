import Base
import Glibc
import Synchronization

/// The budget: segments for the shards' logs, carved from one mapping that costs nothing until it is touched, plus the
/// bytes of the shards' tables.
final class RegistryMemory: @unchecked Sendable {
  let base: UnsafeMutableRawPointer
  let budgetBytes: Int
  private let books: Guarded<Books>

  private struct Books {
    var free: [UInt32] = []
    /// Segments from here on have never been used.
    var frontier: UInt32 = 0
    var usedSegments = 0
    var tableBytes = 0

    var usedBytes: Int { usedSegments * Limits.registrySegmentBytes + tableBytes }
  }

  init(budgetBytes: Int) throws(RegistryFailure) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let start = mmap(nil, budgetBytes, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else {
      throw .mappingRefused(bytes: budgetBytes, errno: errno)
    }
    base = start
    self.budgetBytes = budgetBytes
    books = Guarded(Books())
  }

  deinit { munmap(base, budgetBytes) }

  var usedBytes: Int { books.withLock { $0.usedBytes } }

  /// A segment, or nil when the budget is spent.
  func takeSegment() -> LogSegment? {
    books.withLock { books in
      guard books.usedBytes + Limits.registrySegmentBytes <= budgetBytes else { return nil }
      let number: UInt32
      if let recycled = books.free.popLast() {
        number = recycled
      } else {
        number = books.frontier
        books.frontier += 1
      }
      books.usedSegments += 1
      return LogSegment(number: number)
    }
  }

  func giveBack(_ segment: LogSegment) {
    books.withLock { books in
      books.free.append(segment.number)
      books.usedSegments -= 1
    }
  }

  /// Books a table's growth; false when the budget has no room for it.
  func bookTable(_ bytes: Int) -> Bool {
    books.withLock { books in
      guard books.usedBytes + bytes <= budgetBytes else { return false }
      books.tableBytes += bytes
      return true
    }
  }

  func unbookTable(_ bytes: Int) { books.withLock { $0.tableBytes -= bytes } }
}

/// The place of a segment in the mapping.
struct LogSegment: Equatable {
  let number: UInt32
}

/// Why a registry cannot be made.
package enum RegistryFailure: Error, Equatable, CustomStringConvertible {
  case mappingRefused(bytes: Int, errno: Int32)

  package var description: String {
    switch self {
    case .mappingRefused(let bytes, let number): "the system refuses \(bytes) bytes of address space (errno \(number))"
    }
  }
}

import Base
import Glibc

typealias PageID = UInt32

/// The memory in which values lie: one mapping, cut into pages. Knows addresses, not owners.
struct Arena: Sendable {
  private let mapping: Mapping
  let pageCount: Int

  init(reachBytes: Int) throws(StoreFailure) {
    pageCount = reachBytes / Limits.pageBytes
    mapping = try Mapping(byteCount: pageCount * Limits.pageBytes, alignment: Limits.arenaAlignmentBytes)
    // Advice only: without huge pages the arena works, a little slower.
    _ = madvise(mapping.base, mapping.byteCount, MADV_HUGEPAGE)
  }

  @inline(__always)
  func address(of page: PageID) -> UnsafeMutableRawPointer {
    assert(Int(page) < pageCount)
    return mapping.base + Int(page) * Limits.pageBytes
  }

  /// Backs pages with memory, so that no loop ever faults here. False when the system has none to give.
  func populate(pages: Range<Int>) -> Bool {
    let start = mapping.base + pages.lowerBound * Limits.pageBytes
    let byteCount = pages.count * Limits.pageBytes
    while madvise(start, byteCount, Self.populateWrite) != 0 {
      switch errno {
      case EINTR, EAGAIN: continue
      case EINVAL:
        touch(start, byteCount)
        return true
      default: return false
      }
    }
    return true
  }

  /// Returns the memory behind pages to the system. They read as zeros until they are populated again.
  func giveBack(pages: Range<Int>) {
    guard !pages.isEmpty else { return }
    let result = madvise(
      mapping.base + pages.lowerBound * Limits.pageBytes, pages.count * Limits.pageBytes, MADV_DONTNEED)
    // Readers that were lent these pages rely on it.
    precondition(result == 0, "the system keeps memory that it was given back: errno \(errno)")
  }

  /// Huge pages that exist remain; no new ones are gathered among these pages.
  func stayAsItIs(pages: Range<Int>) {
    guard !pages.isEmpty else { return }
    _ = madvise(mapping.base + pages.lowerBound * Limits.pageBytes, pages.count * Limits.pageBytes, MADV_NOHUGEPAGE)
  }

  /// For kernels before 5.14, which cannot populate on request.
  private func touch(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
    for offset in stride(from: 0, to: byteCount, by: Limits.unitBytes) {
      (start + offset).storeBytes(of: 0, as: UInt8.self)
    }
  }

  /// MADV_POPULATE_WRITE, which older headers lack.
  private static let populateWrite: Int32 = 23
}

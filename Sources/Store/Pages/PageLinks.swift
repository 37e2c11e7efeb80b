import Base

/// A successor for every page. A chain that is published is never written again until it is free:
/// its readers need no lock.
struct PageLinks: @unchecked Sendable {
  private let mapping: Mapping
  private let successors: UnsafeMutablePointer<PageID>

  init(pageCount: Int) throws(StoreFailure) {
    mapping = try Mapping(byteCount: pageCount * MemoryLayout<PageID>.stride)
    successors = mapping.base.bindMemory(to: PageID.self, capacity: pageCount)
  }

  @inline(__always)
  func next(of page: PageID) -> PageID { successors[Int(page)] }

  @inline(__always)
  func setNext(of page: PageID, to next: PageID) { successors[Int(page)] = next }

  static func bytes(pageCount: Int) -> Int { pageCount * MemoryLayout<PageID>.stride }
}

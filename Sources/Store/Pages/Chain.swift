import Base
import Glibc

/// How many pages and units a length takes.
struct Footprint: Equatable, Sendable {
  let pages: Int
  let units: Int

  init(length: Int) {
    let unitsPerPage = Limits.pageBytes / Limits.unitBytes
    let units = (length + Limits.unitBytes - 1) / Limits.unitBytes
    // A tail that needs all units of a page is a page.
    pages = units / unitsPerPage
    self.units = units % unitsPerPage
  }

  var bytes: Int { pages * Limits.pageBytes + units * Limits.unitBytes }
}

/// Where a value's bytes lie.
struct Chain: Sendable {
  /// A page of the chain and its number in it.
  struct Position: Sendable {
    var number: UInt32
    var page: PageID
  }

  let head: PageID
  let pageCount: Int
  let fragment: Fragment

  init(_ storage: UnsafePointer<Entry.Storage>) {
    head = storage.pointee.head
    pageCount = Int(storage.pointee.pageCount)
    fragment = storage.pointee.fragment
  }

  /// Writes the pieces of bytes `range` into `vectors`, neighbours merged, and returns how many there are.
  /// `cursor` remembers where the walk came to, so that reading slice after slice never walks from the head.
  func regions(
    of range: Range<Int>, into vectors: UnsafeMutableBufferPointer<iovec>, cursor: inout Position, arena: Arena,
    links: PageLinks
  ) -> Int {
    var count = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let number = offset / Limits.pageBytes
      let within = offset % Limits.pageBytes
      let length = min(Limits.pageBytes - within, range.upperBound - offset)
      let start = address(ofPart: number, cursor: &cursor, arena: arena, links: links) + within
      if count > 0, vectors[count - 1].iov_base + vectors[count - 1].iov_len == start {
        vectors[count - 1].iov_len += length
      } else {
        guard count < vectors.count else { break }
        vectors[count] = iovec(iov_base: start, iov_len: length)
        count += 1
      }
      offset += length
    }
    return count
  }

  private func address(
    ofPart number: Int, cursor: inout Position, arena: Arena, links: PageLinks
  ) -> UnsafeMutableRawPointer {
    if number >= pageCount {
      precondition(number == pageCount && fragment.units > 0, "bytes beyond the chain")
      return arena.address(of: fragment.page) + Int(fragment.unit) * Limits.unitBytes
    }
    return arena.address(of: page(number, cursor: &cursor, links: links))
  }

  func page(_ number: Int, cursor: inout Position, links: PageLinks) -> PageID {
    if cursor.page == PagePool.none || cursor.number > number { cursor = Position(number: 0, page: head) }
    while cursor.number < number {
      let next = links.next(of: cursor.page)
      // Only a planted bug cuts a chain that is being read.
      if PlantedFaults.arePossible, next == PagePool.none { break }
      cursor = Position(number: cursor.number + 1, page: next)
    }
    return cursor.page
  }
}

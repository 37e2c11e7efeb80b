import Base

/// Bytes that the kernel may read where they lie, instead of copying them, for as long as it likes.
extension Pin {
  /// How many bytes from `from` on, `max` at most, may be lent: those in blocks that belong to this value whole. They are
  /// marked, and their blocks get new memory before anybody writes there again. 0 when the next byte is to be copied.
  package func lend(from: Int, max: Int) -> Int {
    var (position, end) = (from, from + Swift.min(max, length - from))
    guard length >= Limits.blockBytes else { return 0 }
    while position < end, let page = page(at: position) {
      let block = BlockTable.block(of: page)
      guard marks.isWhole(block) else { break }
      marks.markLent(block)
      let within = Int(page - BlockTable.firstPage(of: block)) * Limits.pageBytes + position % Limits.pageBytes
      position += Limits.blockBytes - within
    }
    end = Swift.min(position, end)
    return end - from
  }
}

import Base

/// Bytes that the kernel may read where they lie, instead of copying them, for as long as it likes.
extension Pin {
  /// How many bytes from `from` on, `max` at most, are to be lent: those in blocks that belong to this value whole. Their
  /// blocks are marked, and get new memory before they are written again. 0 when the next bytes are to be copied,
  /// because they lie elsewhere or are fewer than `min`.
  package func lend(from: Int, min: Int, max: Int) -> Int {
    guard length >= Limits.blockBytes else { return 0 }
    let end = from + Swift.min(max, length - from)
    guard page(at: from) != nil else { return 0 }
    // Where the next walk begins: one that begins behind it starts from the head.
    let start = place
    defer { place = start }
    let lendable = Swift.min(walk(from: from, until: end) { _ in }, end) - from
    guard lendable >= min else { return 0 }
    place = start
    _ = walk(from: from, until: from + lendable) { marks.markLent($0) }
    return lendable
  }

  /// Visits the whole blocks that lie there one behind the other; where in the value the last one ends.
  private func walk(from: Int, until end: Int, _ visit: (BlockID) -> Void) -> Int {
    var position = from
    while position < end, let page = page(at: position) {
      let block = BlockTable.block(of: page)
      guard marks.isWhole(block) else { break }
      visit(block)
      let within = Int(page - BlockTable.firstPage(of: block)) * Limits.pageBytes + position % Limits.pageBytes
      position += Limits.blockBytes - within
    }
    return position
  }
}

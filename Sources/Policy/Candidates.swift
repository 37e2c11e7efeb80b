/// Leaves that were looked at, the least valuable first. As many as one look finds, without memory of its own.
struct Candidates: Sendable {
  static let kept = 4
  static let sampled = 24
  /// Those that are of no use, behind a gap in their prompt.
  private static let useless = 4
  /// The kept ones, those drawn at random, the newest tail, what followed the last victim, the longest unused.
  private static let capacity = kept + 1 + useless + sampled + 3

  private var ids = InlineArray<36, UInt32>(repeating: 0)
  private var values = InlineArray<36, Float>(repeating: 0)
  private(set) var count = 0

  init() { precondition(ids.count == Self.capacity) }

  var first: UInt32? { count == 0 ? nil : ids[0] }

  subscript(index: Int) -> UInt32 { ids[index] }

  mutating func insert(_ id: UInt32, value: Float) {
    for index in 0..<count where ids[index] == id { return }
    var place = count
    while place > 0, values[place - 1] > value {
      ids[place] = ids[place - 1]
      values[place] = values[place - 1]
      place -= 1
    }
    ids[place] = id
    values[place] = value
    count += 1
  }

  /// One that is to go before all others, as long as there are few.
  mutating func insertFirst(_ id: UInt32) {
    if count <= Self.kept + Self.useless { insert(id, value: 0) }
  }

  mutating func removeFirst() {
    for index in 1..<max(count, 1) {
      ids[index - 1] = ids[index]
      values[index - 1] = values[index]
    }
    count = max(0, count - 1)
  }

  /// Forgets all but the one to go and those to keep.
  mutating func cut() { count = min(count, Self.kept + 1) }
}

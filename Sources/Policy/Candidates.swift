/// Leaves that were looked at, the least valuable first. As many as one look finds, without memory of its own.
struct Candidates: Sendable {
  static let kept = 4
  static let sampled = 16
  /// The kept ones, those drawn at random, the newest tail, what followed the last victim, the longest unused.
  private static let capacity = kept + sampled + 3

  private var ids = InlineArray<23, UInt32>(repeating: 0)
  private var values = InlineArray<23, Float>(repeating: 0)
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

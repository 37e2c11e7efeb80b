import Base

/// An endless sequence of operations: keys in turn, and the operations of a mix by their weights.
struct OperationSequence {
  private let mix: OperationMix
  private var keys: Range<Int>
  private var key: Int
  private var random: SplitMix64

  init(_ mix: OperationMix, keys: Range<Int>, startingAt start: Int, seed: UInt64) {
    precondition(keys.contains(start), "a sequence starts at one of its keys")
    self.mix = mix
    self.keys = keys
    key = start
    random = SplitMix64(seed: seed)
  }

  mutating func next(due: UInt64) -> Job {
    defer { key = key + 1 == keys.upperBound ? keys.lowerBound : key + 1 }
    return Job(operation(), key: key, due: due)
  }

  /// Continues with other keys.
  mutating func move(to keys: Range<Int>) {
    self.keys = keys
    key = keys.lowerBound
  }

  private mutating func operation() -> Operation {
    let total = mix.totalWeight
    if mix.get == total { return .get }
    if mix.put == total { return .put }
    if mix.exist == total { return .exist }
    let drawn = Int(random.next() % UInt64(total))
    return drawn < mix.get ? .get : drawn < mix.get + mix.put ? .put : .exist
  }
}

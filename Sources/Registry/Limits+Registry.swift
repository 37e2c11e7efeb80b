import Base

extension Limits {
  /// Engines' keys are at most 150 bytes; twice the longest key of any LMCache protocol, and a request stays small.
  package static let registryKeyBytesMax = 1024
  /// The longest host name, a colon and a port.
  package static let ownerBytesMax = 260
  /// Engines in one cluster; each owner costs a few hundred bytes and, when it is checked, a connection a round.
  package static let ownersMax = 4096
  /// A shard's log begins with a segment, and the pass that closes its gaps needs another.
  package static let registryBytesMin = 1024 * 1024
  /// What a position of 32 bits can name.
  package static let registryBytesMax = 16 * 1024 * 1024 * 1024
  /// Enough that loops seldom meet on one, and that the rehash of one stays below a millisecond with 10 million entries.
  package static let registryShardsMax = 64
  /// A shard of less would drop too much at once: it drops a segment.
  static let registryShardBytesMin = 1024 * 1024
  /// The unit in which entries are dropped when the budget is spent: some 200 of them.
  package static let registrySegmentBytes = 16 * 1024
  /// Space of entries that were deleted or confirmed anew, as a share of the whole, before it is closed up.
  /// The fewer gaps are suffered, the more living entries are moved for each: 5 at 20 %, 13 at 12 %.
  static let registryGapPercent = 20
  /// What one SET or DEL moves towards closing gaps: enough to finish a pass before as many new gaps exist.
  static let registryMovesPerStep = 16
  /// One lost packet or a restart of a second is no death: so many failures, over at least so long.
  static let ownerFailuresMin = 3
  static let ownerFailingNanosecondsMin: UInt64 = 10_000_000_000

  package static func checkRegistry() {
    precondition(registryBytesMin >= registryShardBytesMin, "the least registry is a shard")
    precondition(registryShardBytesMin >= 2 * registrySegmentBytes, "a shard closes gaps into a second segment")
  }
}

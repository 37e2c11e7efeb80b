// MARK: Registry
extension Limits {
  /// Engines' keys are at most 150 bytes; twice the longest key of any LMCache protocol, and a request stays small.
  package static let registryKeyBytesMax = 1024
  /// The longest host name, a colon and a port.
  package static let ownerBytesMax = 260
  /// Engines in one cluster; each owner costs a few hundred bytes and, when it is checked, a connection a round.
  package static let ownersMax = 4096
  /// A million entries and more, while it takes only what is used.
  package static let registryBytesDefault = 128 * 1024 * 1024
  /// A shard's log begins with a segment, and the pass that closes its gaps needs another.
  package static let registryBytesMin = 1024 * 1024
  /// What a position of 32 bits can name.
  package static let registryBytesMax = 16 * 1024 * 1024 * 1024
  /// Enough that loops seldom meet on one, and that the rehash of one stays below a millisecond with 10 million entries.
  package static let registryShardsMax = 64
  /// A shard of less would drop too much at once: it drops a segment.
  package static let registryShardBytesMin = 1024 * 1024
  /// The unit in which entries are dropped when the budget is spent: some 200 of them.
  package static let registrySegmentBytes = 16 * 1024
  /// Space of entries that were deleted or confirmed anew, as a share of the whole, before it is closed up.
  /// The fewer gaps are suffered, the more living entries are moved for each: 5 at 20 %, 13 at 12 %.
  package static let registryGapPercent = 20
  /// What one SET or DEL moves towards closing gaps: enough to finish a pass before as many new gaps exist.
  package static let registryMovesPerStep = 16
  /// One lost packet or a restart of a second is no death: so many failures, over at least so long.
  package static let ownerFailuresMin = 3
  package static let ownerFailingNanosecondsMin: UInt64 = 10_000_000_000
  /// How often owners are looked after, unless `--peer-check` says otherwise: a dead one is hidden after 15 s at most.
  package static let ownerCheckSecondsDefault = 5
  package static let ownerCheckSecondsMax = 3600
  /// An engine on the same network that takes longer to accept a connection is no good source of chunks.
  package static let ownerCheckNanoseconds: UInt64 = 1_000_000_000
  /// Checks under way at once: a round over as many dead owners as there can be takes minutes and not an hour.
  package static let ownerChecksAtOnce = 16
  // MARK: Another registry
  package static let redisPortDefault: UInt16 = 6379
  /// Redis itself has 16 unless told otherwise; this is what its own clients take for sane.
  package static let redisDatabaseMax = 16_383
  /// Commands on their way to it at once: one round trip is spread over so many keys.
  package static let announceBatchMax = 512
  /// How long it may take over a batch, and over a connection.
  package static let announceNanoseconds: UInt64 = 5_000_000_000
  /// How often news is told. An engine that asks earlier is told of the chunk by whoever stored it.
  package static let announceEveryNanoseconds: UInt64 = 100_000_000
  /// After a failure: soon at first, then seldom.
  package static let announceRestNanosecondsMin: UInt64 = 1_000_000_000
  package static let announceRestNanosecondsMax: UInt64 = 30_000_000_000
  /// What the end waits for announcements to be withdrawn; the drain of a pod has 30 s in all.
  package static let withdrawNanoseconds: UInt64 = 5_000_000_000
  /// What is read of its replies at once: those to a batch are short.
  package static let announceReplyBytes = 16 * 1024
}

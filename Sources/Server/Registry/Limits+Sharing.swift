import Base

extension Limits {
  // MARK: Registry
  /// Room for some 150 pipelined requests, and for their replies.
  static let registryBufferBytes = 16 * 1024
  /// A longer argument belongs to no request of a registry; shorter ones that are too long are refused by name.
  static let registryArgumentBytesMax = 8 * 1024
  /// An engine on the same network that takes longer to accept a connection is no good source of chunks.
  static let ownerCheckNanoseconds: UInt64 = 1_000_000_000
  /// Checks under way at once: a round over as many dead owners as there can be takes minutes and not an hour.
  static let ownerChecksAtOnce = 16

  // MARK: Peer
  /// Engines take memory in these units, and announce a moved chunk by what it takes.
  static let peerAlignmentBytes = 4096
  /// A moved body is sent the moment it was accepted: what stays out so long does not come.
  static let silentMoveNanoseconds: UInt64 = 5_000_000_000

  // MARK: A registry of others
  /// Commands on their way to it at once: one round trip is spread over so many keys.
  static let announceBatchMax = 512
  /// How long it may take over a batch, and over a connection.
  static let announceNanoseconds: UInt64 = 5_000_000_000
  /// How often news is told. An engine that asks earlier is told of the chunk by the engine that stored it.
  static let announceEveryNanoseconds: UInt64 = 100_000_000
  /// After a failure: soon at first, then seldom.
  static let announceRestNanosecondsMin: UInt64 = 1_000_000_000
  static let announceRestNanosecondsMax: UInt64 = 30_000_000_000
  /// What the end waits for announcements to be withdrawn; the drain of a pod has 30 s in all.
  static let withdrawNanoseconds: UInt64 = 5_000_000_000
  /// What is read of its replies at once: those to a batch are short.
  static let announceReplyBytes = 16 * 1024
}

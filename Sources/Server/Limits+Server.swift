import Base
import IO
import Store

extension Limits {
  // MARK: Loops
  /// A loop that has not turned for this long is stuck, and `/livez` says so.
  package static let stuckLoopNanoseconds: UInt64 = 5_000_000_000
  /// How often a worker tidies up; also what its end may wait for.
  static let housekeepingNanoseconds: UInt64 = 250_000_000
  /// How long a drain waits for replies in flight: inside a pod's usual grace period of 30 s.
  package static let drainNanoseconds: UInt64 = 20_000_000_000
  static let drainStepNanoseconds: UInt64 = 20_000_000

  // MARK: Accepting
  /// Connections accepted beyond `--max-connections`, for probes and scrapes.
  package static let reserveConnections = 32
  /// Descriptors held back, to be spent on probes when the process has none left.
  static let reserveDescriptors = 16
  /// A connection of the reserve that says nothing for this long makes room for another.
  static let reserveSilenceNanoseconds: UInt64 = 5_000_000_000
  /// How long accepting rests when no descriptor is to be had.
  package static let acceptPauseNanoseconds: UInt64 = 100_000_000
  /// What all connections share of `unsentBytesMax`, so that a crowd that does not read fits the reserve beside the
  /// budget. Those that came before the crowd keep what they have: 500 mute clients hold some 150 MiB.
  static let unsentBytesTogether = 64 * 1024 * 1024
  /// Less would wake a loop for every few packets.
  package static let unsentBytesMin = 64 * 1024

  // MARK: Connections
  /// Room for 24 pipelined requests, or for a value of 4 KiB with its header and the question behind it.
  package static let inboundBytes = 4096 + 512
  /// Room for 28 replies of the largest generation.
  static let outboundBytes = 1024
  /// A buffer that a worker lends for a pipeline of small values that come: eight of the largest that come by way of it.
  static let wideBytes = 128 * 1024
  /// More connections than this that pipeline small values on one loop at the same moment go without: slower, not worse.
  static let wideBuffersPerLoop = 16
  /// In a pipeline a value up to this size comes by way of a wide buffer: copying costs less than a receive of its own.
  package static let gatheredBytesMax = 16 * 1024
  /// What a connection costs beside its buffers: its objects and its task's frames, 3.9 KB as measured with 6,000 of `lm`.
  static let sessionBytes = 4 * 1024
  /// What one by RESP costs beside that: its session, and a second task with its frames; 4.8 KB as measured with 6,000.
  static let respSessionBytes = 5 * 1024
  /// Values that wait to leave in one send: an engine's pipeline is seldom deeper, and each takes regions of a transfer.
  package static let gatheredValuesMax = 16
  /// A slice of pages that all lie apart, and of each gathered value its header and its tail.
  static let regionsPerTransfer = sliceBytes / pageBytes + 2 * gatheredValuesMax
  /// How often a send that makes no progress looks why, and whether its values are missed.
  static let sendTickNanoseconds: UInt64 = 1_000_000_000
  /// A send without progress for this long closes the connection.
  package static let sendStallNanoseconds: UInt64 = 60_000_000_000
  /// A reader that takes less than this in so long is slow, and has to go when others need what is held for it. An engine
  /// that pauses to compute pauses for less.
  static let slowReaderBytes = 1024 * 1024
  static let slowReaderNanoseconds: UInt64 = 30_000_000_000
  /// A body without a byte for this long gives its pages back.
  static let silentBodyNanoseconds: UInt64 = 20_000_000_000
  /// How soon a body asks again for pages that are being made free, if the helper does not tell it before.
  static let pageWaitNanoseconds: UInt64 = 4_000_000
  /// What all LISTs under way may hold together; a longer one is refused. It lies outside the pages, so it is part of
  /// what the process needs beside its budget.
  package static let listBytesMax = 64 * 1024 * 1024
  /// A shorter part of a value is copied: two calls and the pages' counting cost as much.
  package static let lentBytesMin = 128 * 1024
  /// How often the log tells that lending pauses or resumes.
  static let lendingNewsNanoseconds: UInt64 = 60_000_000_000

  // MARK: HTTP
  /// An HTTP connection that asks nothing for this long is closed; its clients reconnect.
  static let httpIdleNanoseconds: UInt64 = 75_000_000_000
  /// A page leaves in pieces of this size.
  static let httpPieceBytes = 32 * 1024
  /// How long a closing HTTP connection is still read from, so that its last answer is not lost.
  static let httpLingerNanoseconds: UInt64 = 1_000_000_000

  /// How often a value is brought up for one GET: another client may replace it meanwhile.
  static let bringAttemptsMax = 3

  // MARK: Access
  /// Connections of an address beyond its limit that are good for a probe: a liveness and a readiness probe, one that is
  /// late, and a scrape.
  static let probesPerAddress = 4

  // MARK: Administration
  /// Persons and their tools: at the same moment they are few.
  static let adminConnectionsMax = 8
  /// A request is a line and some fields, and comes at once.
  static let adminRequestNanoseconds: UInt64 = 5_000_000_000

  package static func checkServer() {
    precondition(gatheredBytesMax + inboundBytes <= wideBytes, "a small value fits beside what came before it")
    checkServerTLS()
    precondition(unsentBytesMin <= unsentBytesMax, "a crowd has less than a few")
  }
}

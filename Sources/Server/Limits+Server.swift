import Base

/// What bounds the sessions of the server.
extension Limits {
  /// Relations that the sessions rely on; checked at start.
  package static func checkSessions() {
    precondition(gatheredBytesMax + inboundBytes <= wideBytes, "a small value fits beside what came before it")
    precondition(regionsPerTransfer >= sliceBytes / pageBytes + 2 * gatheredValuesMax, "a slice leaves in one send")
  }

  // MARK: Registry
  /// Room for some 150 pipelined requests, and for their replies.
  package static let registryBufferBytes = 16 * 1024
  /// A longer argument belongs to no request of a registry; shorter ones that are too long are refused by name.
  package static let registryArgumentBytesMax = 8 * 1024

  // MARK: Peer
  /// Engines take memory in these units, and announce a moved chunk by what it takes.
  package static let peerAlignmentBytes = 4096
  /// A moved body is sent the moment it was accepted: what stays out so long does not come.
  package static let silentMoveNanoseconds: UInt64 = 5_000_000_000

  // MARK: Loops
  /// A loop that has not turned for this long is stuck, and `/livez` says so.
  package static let stuckLoopNanoseconds: UInt64 = 5_000_000_000

  // MARK: Connections
  /// Room for 24 pipelined requests, or for a value of 4 KiB with its header and the question behind it.
  package static let inboundBytes = 4096 + 512
  /// Room for 28 replies of the largest generation.
  package static let outboundBytes = 1024
  /// A buffer that a worker lends for a pipeline of small values that come: eight of the largest that come by way of it.
  package static let wideBytes = 128 * 1024
  /// More connections than this that pipeline small values on one loop at the same moment go without: slower, not worse.
  package static let wideBuffersPerLoop = 16
  /// In a pipeline a value up to this size comes by way of a wide buffer: copying costs less than a receive of its own.
  package static let gatheredBytesMax = 16 * 1024
  /// What a connection costs beside its buffers: its objects and its task's frames, 2.7 KB as measured with 19,000.
  package static let sessionBytes = 3 * 1024
  /// Values that wait to leave in one send: an engine's pipeline is seldom deeper, and each takes regions of a transfer.
  package static let gatheredValuesMax = 16
  /// A slice of pages that all lie apart, and of each gathered value its header and its tail.
  package static let regionsPerTransfer = sliceBytes / pageBytes + 2 * gatheredValuesMax
  /// Descriptors held back, to be spent on probes when the process has none left.
  package static let reserveDescriptors = 16
  /// A connection of the reserve that says nothing for this long makes room for another.
  package static let reserveSilenceNanoseconds: UInt64 = 5_000_000_000
  /// How long accepting rests when no descriptor is to be had.
  package static let acceptPauseNanoseconds: UInt64 = 100_000_000
  /// How often a send that makes no progress looks why, and whether its values are missed.
  package static let sendTickNanoseconds: UInt64 = 1_000_000_000
  /// A reader that takes less than this in so long is slow, and has to go when others need what is held for it. An engine
  /// that pauses to compute pauses for less.
  package static let slowReaderBytes = 1024 * 1024
  package static let slowReaderNanoseconds: UInt64 = 30_000_000_000
  /// A send without progress for this long closes the connection.
  package static let sendStallNanoseconds: UInt64 = 60_000_000_000
  /// A body without a byte for this long gives its pages back.
  package static let silentBodyNanoseconds: UInt64 = 20_000_000_000
  /// How soon a body asks again for pages that are being made free, if the helper does not tell it before.
  package static let pageWaitNanoseconds: UInt64 = 4_000_000
  /// An HTTP connection that asks nothing for this long is closed; its clients reconnect.
  package static let httpIdleNanoseconds: UInt64 = 75_000_000_000
  /// How long a drain waits for replies in flight: inside a pod's usual grace period of 30 s.
  package static let drainNanoseconds: UInt64 = 20_000_000_000
  package static let drainStepNanoseconds: UInt64 = 20_000_000
  /// What all LISTs under way may hold together; a longer one is refused. It lies outside the pages, so it is part of
  /// what the process needs beside its budget.
  package static let listBytesMax = 64 * 1024 * 1024
  /// How long a closing HTTP connection is still read from, so that its last answer is not lost.
  package static let httpLingerNanoseconds: UInt64 = 1_000_000_000

  // MARK: RESP sessions
  /// An argument up to this long is gathered with its request; a longer value goes straight into pages.
  package static let respGatheredBytesMax = 1024
  /// Replies beyond the connection's own buffer are gathered in pieces of this size: a hundred short ones leave in one send.
  package static let outboxChunkBytes = 4096
  /// A value up to this size is copied behind its head, which is cheaper than a region and a pin held while it is sent.
  package static let respCopiedValueBytesMax = 2048
  /// What a client may leave unread. Clients send a whole pipeline before they read its first reply, so the bounds hold
  /// the replies of 64 SETs and GETs of 8 MiB, and a million short ones; in a small budget a third of it.
  package static let respPinnedBytesMax = 512 * 1024 * 1024
  package static let respPinnedPercentMax = 33
  /// What all of them together may leave unread of the budget. At the bound each has one value at a time.
  package static let respPinnedTogetherPercentMax = 50
  package static let respQueuedValuesMax = 4096
  package static let respQueuedTextBytesMax = 16 * 1024 * 1024
  /// What MULTI may queue, values aside.
  package static let respTransactionBytesMax = 4 * 1024 * 1024
  /// Values of one client that may hold pages while they wait for the rest of their request, or for EXEC: a pipeline of
  /// today's engines in a transaction. Small ones beyond are gathered, larger ones dropped.
  package static let respHeldValuesMax = 128
  /// Hosts whose walks along a prefix are told apart; should they be more, some share a place.
  package static let respBurstsPerWorker = 64
  /// A client that reads nothing for this long while its bound is reached is waiting for us as we are for it.
  package static let respBacklogNanoseconds: UInt64 = 10_000_000_000
  /// What one step of SCAN or KEYS gathers.
  package static let respScanBytesMax = 64 * 1024
  package static let respScanCountMax = 100_000
  /// A longer pattern selects nothing that a shorter one would not: keys of today have 300 bytes at most.
  package static let respPatternBytesMax = 1024
  /// Steps of matching within one turn of a loop: some 100 us.
  package static let respMatchStepsPerTurn = 64 * 1024
  /// Arguments that are looked at, or looked up, within one turn of a loop: less than 1 ms.
  package static let respArgumentsPerTurn = 1024
  /// Of one command: all that there are, several times over. More of them would keep other clients of the loop waiting.
  package static let respOptionWordsMax = 64
  /// Of a client's name, or its library's.
  package static let respClientNameBytesMax = 256

  // MARK: Lending pages
  /// How often the log tells that lending pauses or resumes.
  package static let lendingNewsNanoseconds: UInt64 = 60_000_000_000
}

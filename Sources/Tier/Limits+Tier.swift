import Base
import Disk

extension Limits {
  // MARK: Transfers
  /// One operation moves so much: what devices are fastest with, and whole pieces of a value.
  static let transferSliceBytes = 1024 * 1024
  /// Regions of one operation; the kernel takes twice as many.
  static let transferRegionsMax = 512
  /// Operations that one transfer has under way.
  static let transferDepth = 16
  /// Operations that a device has under way. Deeper queues only add to latency.
  static let deviceDepth = 32
  /// Verbs that a device's loop waits in: its operations, and the sleeps of its tasks.
  package static let deviceVerbs = 256

  // MARK: Reading
  /// Values that are read at once, each with room in memory. Those that are read ahead leave half to those that are waited for.
  static let fetchesMax = 16
  static let fetchesAheadMax = 8
  /// A client is not kept waiting longer for a device that does not answer: its engine computes the chunk in less.
  static let fetchPatienceNanoseconds: UInt64 = 10_000_000_000
  /// What look-ups brought into memory and that are not fetched yet, as a share of the budget.
  static let stagedShare = 8
  /// Look-ups that wait for it.
  static let wishesMax = 16 * 1024

  /// How often a read that waits for room in memory looks for it.
  static let roomTickNanoseconds: UInt64 = 2_000_000
  /// How long a reader waits for room in memory, which others hold: no longer than a body that arrives.
  static let roomPatienceNanoseconds: UInt64 = 5_000_000_000
  /// How long what was promised is tried for when its segment goes.
  static let rescueNanoseconds: UInt64 = 2_000_000_000

  // MARK: Writing
  /// What is written at once, unless one value is larger: a device rests while the next batch is begun, which is little beside
  /// the time that so much takes.
  static let batchBytes = 32 * 1024 * 1024
  /// Of the budget: two batches are in memory at a time.
  static let batchShare = 32
  static let batchRecordsMax = 1024
  /// A value is written no sooner after it was stored: what is replaced or joined at once by its metadata is written once.
  static let settledNanoseconds: UInt64 = 1_000_000_000
  /// How long a value waits while the rate is used up before it is passed by, unless it has come back.
  static let rateWaitNanoseconds: UInt64 = 10_000_000_000
  /// Values that are passed by at once.
  static let passedByMax = 4096
  /// Values that wait for the writer, of 24 bytes each.
  static let waitingMax = 1024 * 1024
  /// Values that are looked for in memory when a device begins to take some in: others wait for the ledger meanwhile.
  static let stockMax = 64 * 1024
  /// How long of the rate may be written in one burst after a pause.
  static let burstSeconds = 30

  // MARK: Segments
  /// A segment is this share of a device, within bounds: small enough that reclaiming one costs little of what is kept, large
  /// enough that the end of one wastes little.
  static let segmentShare = 16
  static let segmentBytesMin = 4 * 1024 * 1024
  /// More of them would take the descriptors that clients need.
  package static let segmentsMax = 4096
  /// No index is larger: the keys of a segment of the smallest records.
  static let indexBytesMax = 128 * 1024 * 1024
  static let segmentBytesMax = 1024 * 1024 * 1024
  static let segmentGrainBytes = 1024 * 1024
  /// Of a device: its header, and what the policy knows.
  static let besideSegmentsBytes = 2 * knowledgeBytesMax + 64 * 1024
  /// Without a size, of what its file system has free.
  static let freePercentTaken = 80
  /// A device has at least so many: one to write, one to reclaim.
  static let segmentsMin = 4
  /// With so many two are kept free, else one.
  static let segmentsForSpares = 32
  /// A segment of which less lives goes before its turn.
  static let livingPercentMin = 25
  /// What may be brought up again of a segment that goes, in percent.
  static let rescuedPercentMax = 25

  // MARK: Trouble
  /// Failures in a row before a device is left alone for a while.
  static let failuresInRowMax = 4
  static let deviceRestNanoseconds: UInt64 = 10_000_000_000
  /// Between two looks at what is under way, and at how many of them an operation may be: then the device hangs. Healthy ones
  /// take a tenth of a second when they are busiest.
  static let lookNanoseconds: UInt64 = 1_000_000_000
  static let looksMax = 5
  /// How long a device may take to end, behind the time that it may write until: with the default grace the process is gone
  /// before Kubernetes kills it.
  static let endPatienceNanoseconds: UInt64 = 5_000_000_000
  /// Between two looks whether another process has let go of a directory.
  static let lockPauseNanoseconds: UInt64 = 500_000_000
  /// Between two looks at what has expired, and the like.
  static let houseNanoseconds: UInt64 = 250_000_000
  /// How long a loop of a device sleeps while nothing wakes it.
  static let deviceTickNanoseconds: UInt64 = 20_000_000
  /// Between two writings of what the policy has learnt.
  static let knowledgeNanoseconds: UInt64 = 60_000_000_000
  static let knowledgeBytesMax = 4 * 1024 * 1024

  // MARK: Starting
  /// What is read of a segment at once to find its records: little where it is one header among large values, and as much as
  /// keeps a device busy where records are small.
  static let scanBytesMin = 64 * 1024
  static let scanBytesMax = transferDepth * transferSliceBytes
  /// Records that are taken in before others have a turn.
  static let recordsPerTurn = 256

  package static func checkTier() {
    precondition(transferSliceBytes % DiskFormat.pieceBytes == 0, "a slice is whole pieces")
    precondition(segmentBytesMin <= segmentBytesMax)
  }
}

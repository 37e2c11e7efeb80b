import Base

extension Limits {
  // MARK: Loops
  /// A loop turns at least this often even when nothing happens, which is how probes know that it lives.
  package static let idleTurnNanoseconds: UInt64 = 1_000_000_000
  /// The longest turn of late is that of one or two of these: what scrapes half a minute apart do not miss.
  static let lagWindowNanoseconds: UInt64 = 60_000_000_000
  /// What a loop takes from its driver at once.
  static let completionsPerTurn = 1024
  /// Operations on files that a loop has under way at once over epoll: large ones of so many keep a disk busy, and a machine
  /// with many loops does not come to have hundreds of threads.
  static let fileThreadsMax = 4

  // MARK: Files
  /// Of offsets, lengths and memory of direct I/O: what drives and file systems ask for is a divisor of it.
  package static let directAlignmentBytes = 4096

  // MARK: Fairness
  /// What the bulk queue of a loop may move in one turn.
  package static let bulkBytesPerTurn = 1024 * 1024
  /// So little of it needs no place in the queue: that costs as much as a small value.
  package static let promptBulkBytes = 64 * 1024

  // MARK: Sockets
  package static let keepaliveIdleSeconds = 60
  static let keepaliveIntervalSeconds = 15
  static let keepaliveProbes = 4
  /// Unacknowledged data may wait this long: two minutes outlast a rescheduled switch or a paused VM.
  static let userTimeoutMilliseconds = 120_000
  /// The kernel's TCP_CA_NAME_MAX without its closing zero.
  package static let congestionNameBytesMax = 15
  /// What the kernel holds of a reply that is not on its way yet: so much keeps the pipe full.
  package static let unsentBytesMax = 512 * 1024
  static let listenBacklog: Int32 = 4096
  /// Between two looks for room in a socket where io_uring cannot wait for it: its other direction has ended, by the peer
  /// or by a drain, or the system is short of memory for sockets. It doubles from one look to the next.
  package static let roomPauseNanosecondsMin: UInt64 = 4_000_000
  static let roomPauseNanosecondsMax: UInt64 = 64_000_000
  /// A pipe that holds less than this costs more calls than the copies that it saves.
  static let lendingPipeBytesMin = 64 * 1024

  package static func checkIO() {
    precondition(bulkBytesPerTurn >= sliceBytes, "a turn moves at least a slice")
    precondition(promptBulkBytes <= bulkBytesPerTurn, "what moves at once is a part of a turn")
  }
}

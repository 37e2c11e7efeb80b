/// Every bound of the server, with its unit in its name and its reason beside it.
package enum Limits {
  // MARK: Values and keys
  /// The `lm` header has room for this many key bytes.
  package static let keyBytesMax = 150
  /// Lengths travel as a signed 32-bit integer.
  package static let valueBytesMax = Int(Int32.max)

  // MARK: Memory
  /// The unit in which values take memory: small enough to waste little, large enough for a short chain.
  package static let pageBytes = 64 * 1024
  /// Values and tails smaller than a page share pages in units of this size.
  package static let unitBytes = 4 * 1024
  /// Bodies in flight may hold this share of the budget; beyond it one of them becomes a drain.
  package static let inFlightPercentMax = 50
  /// How far ahead of use pages are populated: a second of PUTs at a few hundred MiB/s.
  package static let populateAheadBytes = 128 * 1024 * 1024
  /// How much one population step touches: a huge page. A body that waits for it waits no longer than that, and what was
  /// just zeroed is still in the processor's caches when the body is copied there.
  package static let populateStepBytes = 2 * 1024 * 1024

  // MARK: Fairness
  /// A body moves in slices of this size, so that a small request waits for a slice and not for a body. Each slice costs
  /// a wake-up: with 256 KiB a lone GET was a fifth slower, and small requests beside it hardly faster.
  package static let sliceBytes = 1024 * 1024
  /// What the bulk queue of a loop may move in one turn.
  package static let bulkBytesPerTurn = 1024 * 1024
  /// So little of it needs no place in the queue: that costs as much as a small value.
  package static let promptBulkBytes = 64 * 1024

  // MARK: Time
  /// The most that a positive EXIST promises unless `--lease` says otherwise: what a burst of 4 GiB takes that shares a
  /// link of 10 Gb/s with seven others.
  package static let leaseSecondsDefault = 30
  package static let leaseSecondsMax = 3600
  /// The least: a burst of 4 GiB takes 3.4 s on a link of 10 Gb/s that is its own.
  package static let promiseSecondsMin = 5
  /// One client's touches within this time count as one walk along a prefix.
  package static let burstNanoseconds: UInt64 = 1_000_000_000
  /// How often a waiting body looks whether its pages are wanted elsewhere.
  package static let bodyTickMilliseconds = 250
}

extension Limits {
  /// Relations that the code relies on; checked at start.
  package static func check() {
    precondition(pageBytes % unitBytes == 0, "units tile a page")
    precondition(sliceBytes % pageBytes == 0, "a slice is whole pages")
    precondition(bulkBytesPerTurn >= sliceBytes, "a turn moves at least a slice")
    precondition(promiseSecondsMin <= leaseSecondsDefault, "a promise fits the lease")
    precondition(inFlightPercentMax < 100, "bodies leave room for what they bring")
  }
}

extension Limits {
  // MARK: Loops
  /// A loop turns at least this often even when nothing happens, which is how probes know that it lives.
  package static let idleTurnNanoseconds: UInt64 = 1_000_000_000
  /// How often a worker tidies up; also what its end may wait for.
  package static let housekeepingNanoseconds: UInt64 = 250_000_000
  /// What a loop takes from its driver at once.
  package static let completionsPerTurn = 1024
  /// Operations on files that a loop has under way at once over epoll: large ones of so many keep a disk busy, and a machine
  /// with many loops does not come to have hundreds of threads.
  package static let fileThreadsMax = 4
}

extension Limits {
  // MARK: Sockets
  package static let keepaliveIdleSeconds = 60
  package static let keepaliveIntervalSeconds = 15
  package static let keepaliveProbes = 4
  /// Unacknowledged data may wait this long: two minutes outlast a rescheduled switch or a paused VM.
  package static let userTimeoutMilliseconds = 120_000
  /// The kernel's TCP_CA_NAME_MAX without its closing zero.
  package static let congestionNameBytesMax = 15
  /// What the kernel holds of a reply that is not on its way yet: two slices keep the pipe full.
  package static let unsentBytesMax = 512 * 1024
  /// What all connections share of that, so that a crowd that does not read fits the reserve beside the budget. Those that
  /// came before the crowd keep what they have: 500 mute clients hold some 150 MiB.
  package static let unsentBytesTogether = 64 * 1024 * 1024
  /// Less would wake a loop for every few packets.
  package static let unsentBytesMin = 64 * 1024
  package static let listenBacklog: Int32 = 4096
}

// MARK: HTTP
extension Limits {
  /// The pages take no parameters; what browsers and proxies add fits well.
  package static let httpHeadBytesMax = 8 * 1024
  /// No page takes a body; a small one is skipped to keep the connection, a larger one is not worth reading.
  package static let httpBodyBytesMax = 64 * 1024
}

extension Limits {
  // MARK: Connections
  /// Connections accepted beyond `--max-connections`, for probes and scrapes.
  package static let reserveConnections = 32
  /// Between two looks for room in a socket where io_uring cannot wait for it: its other direction has ended, by the peer
  /// or by a drain, or the system is short of memory for sockets. It doubles from one look to the next.
  package static let roomPauseNanosecondsMin: UInt64 = 4_000_000
  package static let roomPauseNanosecondsMax: UInt64 = 64_000_000
  package static let bodyTickNanoseconds = UInt64(bodyTickMilliseconds) * 1_000_000
}

extension Limits {
  // MARK: Options
  /// The port of LMCache's own examples.
  package static let portDefault: UInt16 = 65432
  /// A loop moves gigabytes a second: more loops than this only cost memory, also on the largest machines.
  package static let loopsMax = 64
  /// Enough for a rank a connection in any cluster; each costs buffers and kernel memory.
  package static let connectionsDefault = 20_000
  /// What one process can have descriptors for on a usual machine.
  package static let connectionsMax = 1_000_000
  /// What a complaint repeats of a bad value, so that it stays one readable line.
  package static let quotedScalarsMax = 60

  // MARK: Memory budget
  /// Less than this holds no chunk of any model that is served today.
  package static let budgetBytesMin = 16 * 1024 * 1024
  /// What a memory limit must leave for code, stacks and kernel socket memory, which are charged to it too.
  package static let reserveBytesMin = 256 * 1024 * 1024
  /// The same for large limits: page tables, sockets and fragmentation grow with what is kept.
  package static let reservePercent = 12
  /// The smallest limit worth recommending: it leaves a few chunks beside the reserve.
  package static let limitBytesAdvised = 512 * 1024 * 1024
  /// Without a limit the server leaves this share of the free memory to others.
  package static let unlimitedPercent = 50
  /// mountinfo is the longest file read at start; a machine with thousands of mounts stays below this.
  package static let systemFileBytesMax = 4 * 1024 * 1024

  // MARK: Log
  /// Lines that wait for the writer. A burst fits; a reader of stderr that hangs costs at most some MiB.
  package static let logQueueLinesMax = 4096
  /// A longer value is cut: lines stay readable and the queue stays small.
  package static let logValueBytesMax = 1024
  /// How long the last lines may take at exit when the reader of stderr hangs.
  package static let logFlushMilliseconds = 2000
  /// The same complaint may appear this often a second.
  package static let logLinesPerSecondPerReason = 5
  /// Reasons a limiter tells apart; the ones that come later share one place.
  package static let logReasonsMax = 32
}

// MARK: Process
extension Limits {
  /// Descriptors that are not connections: rings, wake-ups, listeners, the log, and the reserve.
  package static let ownDescriptors = 128
  /// Less than the 5 s that charts give a probe, so that its complaint is heard.
  package static let probeNanoseconds: UInt64 = 4_000_000_000
  /// Looking a name up has no deadline of its own; this ends a probe whatever it waits for.
  package static let probeAlarmSeconds: UInt32 = 5
}

extension Limits {
  // MARK: Names
  /// What RESP clients may name a value: today's keys have 300 bytes at most; a length fits two bytes of a record.
  package static let nameBytesMax = 64 * 1024 - 1
}

// MARK: RESP
extension Limits {
  /// A line that holds a number, or an inline command; Redis's own bound.
  package static let respLineBytesMax = 64 * 1024
  /// What is gathered for one request, its bodies aside: a DEL of some ten thousand keys.
  package static let respRequestBytesMax = 4 * 1024 * 1024
  /// Places for arguments that a connection keeps from one request to the next.
  package static let respArgumentsKept = 1024
  /// Before AUTH: Redis's own bounds.
  package static let respArgumentsUnauthenticatedMax = 10
  package static let respBulkBytesUnauthenticatedMax = 16 * 1024
}

extension Limits {
  // MARK: Processors
  /// Processors fetch lines of 64 bytes, many of them in pairs.
  package static let sharedLineBytes = 128
}

extension Limits {
  // MARK: Lending pages
  /// A pipe that holds less than this costs more calls than the copies that it saves.
  package static let lendingPipeBytesMin = 64 * 1024
  /// A shorter part of a value is copied: two calls and the pages' counting cost as much.
  package static let lentBytesMin = 128 * 1024
}

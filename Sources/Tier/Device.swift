import Base
import Disk
import IO
import Policy
import Store

/// A directory that keeps copies of values, on a loop of its own: everything here happens on it, and what others want of it
/// they note and wake it.
///
/// A device goes through lives of its own: it waits for its directory, learns what it holds, serves, and after a failure
/// rests and begins anew, while memory and the other devices go on.
package final class Device: @unchecked Sendable {
  let number: Int
  package let loop: EventLoop
  let lane: Lane
  let store: Store
  let books: DiskBooks
  let news: DeviceNews
  let directory: any DeviceDirectory
  let configuration: DeviceConfiguration
  let log: Log
  package let metrics = DeviceMetrics()
  let gate = DeviceGate(depth: Limits.deviceDepth)
  let callGate = DepthGate(1)
  let fetchGate = DepthGate(Limits.fetchesMax)

  // MARK: What it knows of its directory

  var header = DeviceHeader(device: DeviceID(high: 0, low: 0), count: 0, epoch: 0, segmentBlocks: 0)
  var headerFile: DeviceFile?
  var layout = SegmentLayout(blocks: DiskFormat.segmentBlocksMin)
  /// By number; nil where there is no file yet.
  var segments: [Segment?] = []
  var open: Segment?
  /// To be sealed, in the order in which they were filled.
  var full: [Segment] = []
  var lastLife: UInt64 = 0
  /// Of the segment that was opened last.
  var openedLife: UInt64 = 0
  var lastSequence: UInt64 = 0
  /// Why it has stopped writing, or everything.
  var trouble: Trouble?
  var failuresInRow = 0
  /// Records that could not be read, since one could: is it they, or the device?
  var unread: [UnreadRecord] = []
  /// Between two rests.
  var isLiving = false

  // MARK: What it is asked for

  private let requests = Guarded<Requests>(Requests())
  var fetches: [ValueRef: Fetch] = [:]
  var wishes = Queue<ValueRef>()
  var staged = Queue<Staged>()
  var waiting = WaitingValues()
  /// To be written before all that waits.
  var returned: [ValueRef] = []
  var bucket: RateBucket
  private var batch = DeviceNews.Batch()
  private let published = Guarded(DeviceStatus())
  var status = DeviceStatus() {
    didSet { published.withLock { [status] in $0 = status } }
  }
  private(set) var isEnding = false
  /// Everything that may still be written at the end was taken, and is written.
  var hasTakenAll = false
  var hasEnded = false
  var gravesAreDirty = false
  /// False once the file system had no room for another segment.
  var mayClaim = true
  /// Of segments that were let go before their graves were written, by their numbers.
  var keptGraves: [Int: (life: UInt64, graves: Graves)] = [:]
  /// Let go while they were read.
  var orphans: [Segment] = []
  /// The directory that was served last: an empty one in its place is a volume that is not mounted.
  var knownDevice: DeviceID?
  var hasAdoptedKnowledge = false
  private var flushedAt: UInt64 = 0
  /// A flush was asked for before it had its directory.
  var isToBeEmptied = false
  /// Until when it may write then, and when the process gives it up.
  var endsAt = EventLoop.never
  private var givenUpAt = EventLoop.never
  /// The last life that was begun before that.
  var lifeAtEnd: UInt64 = 0
  private var flushes: [UnsafeContinuation<Bool, Never>] = []
  /// What the planted bug says of values for ever.
  var firstSaid: [[UInt8]: Departure.Said] = [:]

  private struct Requests {
    var waiting: [Request] = []
    var isClosed = false
  }

  enum Request {
    case fetch(ValueRef, UnsafeContinuation<BroughtValue?, Never>)
    case flush(UnsafeContinuation<Bool, Never>)
    case end(at: UInt64)
  }

  enum Trouble: Equatable {
    /// Reads go on.
    case noWrites(String)
    case off(String)
  }

  package init(
    number: Int, loop: EventLoop, store: Store, books: DiskBooks, directory: any DeviceDirectory,
    configuration: DeviceConfiguration, lane: Lane, log: Log
  ) {
    (self.number, self.loop, self.store, self.books, self.directory) = (number, loop, store, books, directory)
    (self.configuration, self.lane, self.log) = (configuration, lane, log)
    news = books.devices[number]
    bucket = RateBucket(
      bytesPerSecond: configuration.writeRateBytes, burstSeconds: Limits.burstSeconds, now: loop.now)
    news.whenNoted { loop.nudge() }
  }

  package var currentStatus: DeviceStatus { published.withLock { $0 } }
  package var path: String { directory.path }

  // MARK: From any thread

  /// Its bytes, in memory; nil when they cannot be had.
  func bring(_ ref: ValueRef) async -> BroughtValue? {
    await withUnsafeContinuation { ask(.fetch(ref, $0)) }
  }

  /// True once nothing of what it held can come back.
  func flush() async -> Bool { await withUnsafeContinuation { ask(.flush($0)) } }

  package func end(at time: UInt64) { ask(.end(at: time)) }

  private func ask(_ request: Request) {
    let isTaken = requests.withLock { requests in
      if !requests.isClosed { requests.waiting.append(request) }
      return !requests.isClosed
    }
    if isTaken { loop.nudge() } else { request.refuse() }
  }

  // MARK: On its loop

  /// Lives until it is asked to end and has done what it may still do.
  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.live() }
      while !isOver, !isStuck {
        takeRequests(&group)
        takeNews()
        beginWishes(&group)
        letGoOfTheImpatient()
        keepHouse()
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
      }
      giveUpRequests()
      if !isOver { log.warning("the disk does not come to an end: it is left as it is", ["path": .text(path)]) }
      // Where tasks are stuck the loop ends without them.
      loop.stop()
    }
  }

  private func keepHouse() {
    guard loop.now >= flushedAt + Limits.houseNanoseconds else { return }
    flushedAt = loop.now
    lane.flush(now: loop.now)
    for orphan in orphans where orphan.readers == 0 { close(orphan.file) }
    orphans.removeAll { $0.readers == 0 }
  }

  /// Set by `live` at its end.
  var isOver = false

  private func takeRequests(_ group: inout DiscardingTaskGroup) {
    var taken: [Request] = []
    requests.withLock { swap(&$0.waiting, &taken) }
    for request in taken {
      switch request {
      case .fetch(let ref, let waiter): take(fetch: ref, waiter, &group)
      case .flush(let waiter): flushes.append(waiter)
      case .end(let time):
        if !isEnding { lifeAtEnd = lastLife }
        isEnding = true
        endsAt = min(endsAt, time)
        givenUpAt = min(givenUpAt, max(endsAt, loop.now) + Limits.endPatienceNanoseconds)
      }
    }
    // The rest of the device looks for them.
    if !taken.isEmpty { loop.nudge() }
  }

  /// It should have ended, and does not come to an end: what is under way is left to the system.
  private var isStuck: Bool { isEnding && loop.now > givenUpAt }

  var wantsFlush: Bool { !flushes.isEmpty }
  var isOff: Bool {
    if case .off = trouble { true } else { false }
  }
  /// While it is, its tasks go on.
  var isWorking: Bool { trouble == nil && !wantsFlush && !hasEnded }

  func answerFlushes(_ isDone: Bool) {
    let waiters = flushes
    flushes.removeAll()
    for waiter in waiters { waiter.resume(returning: isDone) }
  }

  func takeNews() {
    news.take(&batch)
    for place in batch.buried { bury(place) }
    // Those of which too many wait are offered again before they are evicted.
    if !batch.stored.isEmpty { _ = waiting.add(batch.stored, at: loop.now) }
    for ref in batch.leaving { waiting.add(leaving: ref) }
    for ref in batch.wanted where wishes.count < Limits.wishesMax { wishes.append(ref) }
  }

  private func giveUpRequests() {
    let taken = requests.withLock { requests in
      requests.isClosed = true
      return requests.waiting
    }
    for request in taken { request.refuse() }
    answerFlushes(false)
    for ref in Array(fetches.keys) { resume(waitersOf: ref, as: nil) }
  }

  /// The copy of a value that has gone or changed.
  func bury(_ place: DiskPlace) {
    guard let segment = segments[checked: place.segment], segment.state != .free else { return }
    bury(place, in: segment)
  }

  func bury(_ place: DiskPlace, in segment: Segment) {
    if hasPlanted(.forgetGraves) { return }
    guard !segment.graves.contains(UInt32(place.block)) else { return }
    segment.graves.insert(UInt32(place.block))
    gravesAreDirty = true
    metrics.recordsBuried.add()
    if let record = segment.record(at: place.block) { segment.noteDead(record) }
  }

  func hasPlanted(_ bug: PlantedTierBug) -> Bool { PlantedFaults.arePossible && configuration.plantedBug == bug }
}

extension Array {
  /// Nil beyond the end.
  subscript<Wrapped>(checked index: Int) -> Wrapped? where Element == Wrapped? {
    indices.contains(index) ? self[index] : nil
  }
}

extension Device.Request {
  fileprivate func refuse() {
    switch self {
    case .fetch(_, let waiter): waiter.resume(returning: nil)
    case .flush(let waiter): waiter.resume(returning: false)
    case .end: break
    }
  }
}

import Base
import Store
import Tier

/// What is counted since the start, and remembered step by step.
enum StatusCount: Int, CaseIterable {
  case hitsMemory, hitsDisk, misses, lookupsFound
  case readBytes, writtenBytes, published
  case evictions
  /// Misses of chunks that had to go.
  case missedEvicted
  /// By why: too large for the budget, no room just then, a limit that was set.
  case droppedLarge, droppedFull, droppedByLimit
  /// Clients turned away: by address, by password, by TLS, for want of room.
  case refusedAddress, refusedPassword, refusedTLS, refusedFull
  case handshakes
  case checksumFailures, diskWrittenBytes
  case promisesBroken
  case longKeys, resized

  static let count = 22
}

/// The numbers of one moment, or what was added between two. Of a fixed size: it is made while no page asks.
struct StatusMoment {
  private var counts = InlineArray<22, UInt64>(repeating: 0)
  /// On the loops' clock.
  var at: UInt64 = 0
  var usedBytes = 0
  var diskBytes = 0
  var connections = 0

  subscript(count: StatusCount) -> UInt64 {
    get { counts[count.rawValue] }
    set { counts[count.rawValue] = newValue }
  }

  /// What was added since an earlier one.
  func since(_ earlier: StatusMoment) -> StatusMoment {
    var added = self
    for index in 0..<StatusCount.count {
      // Loops count on while they are read.
      added.counts[index] = counts[index] > earlier.counts[index] ? counts[index] - earlier.counts[index] : 0
    }
    return added
  }

  var hits: UInt64 { self[.hitsMemory] + self[.hitsDisk] }
  /// Chunks that clients wanted: fetched, or not there.
  var wishes: UInt64 { hits + self[.misses] }
  /// Times that a client and a chunk met: looked up and there, or fetched.
  var met: UInt64 { hits + self[.lookupsFound] }
  var dropped: UInt64 { self[.droppedLarge] + self[.droppedFull] + self[.droppedByLimit] }
  var refused: UInt64 { self[.refusedAddress] + self[.refusedPassword] + self[.refusedTLS] + self[.refusedFull] }
  /// Whatever clients did with chunks.
  var activity: UInt64 { wishes + self[.lookupsFound] + self[.published] + dropped }
}

extension StatusMoment {
  init(of server: Server, now: UInt64) {
    at = now
    for worker in server.workers {
      addTraffic(of: worker.lane)
      addRefusals(worker.metrics)
      self[.longKeys] += worker.metrics.longKeys.value
      self[.handshakes] += worker.tls.metrics.handshakes.value(.full) + worker.tls.metrics.handshakes.value(.resumed)
    }
    self[.evictions] = server.store.evicted
    for device in server.tier?.devices ?? [] {
      self[.checksumFailures] += device.metrics.checksumFailures.value
      self[.diskWrittenBytes] += device.metrics.bytesWritten.value
      diskBytes += max(0, device.currentStatus.livingBytes)
    }
    usedBytes = server.store.usedBytes
    connections = server.openConnections
  }

  private mutating func addTraffic(of lane: Lane) {
    let hits = lane.counters.hits.value
    let diskHits = lane.counters.diskHits.value
    self[.hitsDisk] += diskHits
    self[.hitsMemory] += hits > diskHits ? hits - diskHits : 0
    self[.misses] += lane.counters.misses.value + lane.counters.existMisses.value
    self[.lookupsFound] += lane.counters.existHits.value
    self[.readBytes] += lane.counters.hitBytes.value
    self[.writtenBytes] += lane.counters.publishedBytes.value
    self[.published] += lane.counters.published.value
    self[.promisesBroken] += lane.counters.leasesBroken.value
    self[.resized] += lane.counters.resized.value
    var gaps = Histogram.Counts(repeating: 0)
    lane.counters.evictReuseGaps.add(to: &gaps)
    for index in 0..<gaps.count { self[.missedEvicted] += gaps[index] }
    func drops(_ reason: DropReason) -> UInt64 { lane.counters.drops(reason) }
    self[.droppedLarge] += drops(.tooLarge)
    self[.droppedFull] +=
      drops(.tooManyBodies) + drops(.noMemory) + drops(.inFlightLimit) + drops(.condemned) + drops(.waitedTooLong)
    self[.droppedByLimit] += drops(.tooManySisters) + drops(.addressLimit) + drops(.quota)
  }

  private mutating func addRefusals(_ metrics: WorkerMetrics) {
    func count(_ refusal: Refusal) -> UInt64 { metrics.refusals.value(refusal) }
    self[.refusedAddress] += count(.addressNotAllowed) + count(.lmClosed)
    self[.refusedPassword] += count(.notAuthenticated) + count(.wrongPassword) + count(.noPermission)
    self[.refusedTLS] += count(.tlsHandshake) + count(.tlsOnPlainPort) + count(.plainOnTLSPort)
    self[.refusedFull] += count(.maxConnections) + count(.outOfDescriptors) + count(.connectionsPerAddress)
  }
}

import Base
import Glibc

/// What came of asking for room.
package enum Extension: Equatable, Sendable {
  case ready
  /// Ask again in a few milliseconds.
  case wait
  /// Abandon with this reason and drain the rest.
  case drop(DropReason)
}

/// A value that is arriving. It cannot be found before `publish`; unless it is published its pages go back.
package struct Reservation: ~Copyable {
  package let length: Int
  package private(set) var received = 0
  package let lane: Lane
  private let ref: EntryRef
  private let body: BodyID
  private let hash: UInt64
  /// The client learns whether its value was stored.
  private let isAnswered: Bool
  /// Bytes that have a place already.
  private var roomBytes = 0
  private var reportedBytes = 0
  private var waitingSince: UInt64?
  private var cursor = Chain.Position(number: 0, page: PagePool.none)
  private var stage = Stage.open

  private enum Stage {
    case open, closed
    /// Only by a planted bug.
    case early
  }

  private var isOpen: Bool { stage == .open }

  init(lane: Lane, ref: EntryRef, body: BodyID, hash: UInt64, length: Int, isAnswered: Bool) {
    self.lane = lane
    self.ref = ref
    self.body = body
    self.hash = hash
    self.length = length
    self.isAnswered = isAnswered
  }

  deinit {
    if isOpen { lane.abandon(ref, body, hash: hash, isAnswered: isAnswered, .connectionLost) }
    if PlantedFaults.arePossible, stage == .early { lane.vault.unpin(ref.id, hash: hash) }
  }

  /// A place for the bytes up to `end`. May be asked again for the same.
  package mutating func extend(to end: Int, now: UInt64) -> Extension {
    if isOpen, lane.vault.configuration.hasPlanted(.publishEarly) { publishEarly(now: now) }
    if PlantedFaults.arePossible, stage == .early { return .ready }
    let end = min(end, length)
    let mayWaitForBlock = waitingSince.map { now <= $0 + Limits.blockWaitNanosecondsMax } ?? true
    let isKept = lane.vault.entries[ref.id].pointee.isKept
    switch lane.grow(body, to: end, byBlocks: mayWaitForBlock, isKept: isKept, now: now) {
    case .ready:
      roomBytes = max(roomBytes, end)
      waitingSince = nil
      return .ready
    case .wait:
      lane.counters.waits.add()
      guard let since = waitingSince else {
        waitingSince = now
        return .wait
      }
      return now > since + Limits.pageWaitNanosecondsMax ? .drop(.waitedTooLong) : .wait
    case .drop(let reason): return .drop(reason)
    }
  }

  /// Where bytes from `from` on belong, as far as there is room for them. How many pieces.
  package mutating func regions(from: Int, max: Int, into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    precondition(from >= received && from <= roomBytes && max >= 0)
    let range = from..<from + Swift.min(max, roomBytes - from)
    let (vault, chain) = (lane.vault, Chain(lane.vault.entries.storage(of: ref.id)))
    return chain.regions(of: range, into: vectors, cursor: &cursor, arena: vault.arena, links: vault.links)
  }

  /// So many bytes arrived.
  package mutating func advance(by count: Int, now: UInt64) {
    precondition(count >= 0 && received + count <= roomBytes)
    received += count
    guard isOpen, received - reportedBytes >= Limits.slowBodyBytes else { return }
    reportedBytes = received
    lane.vault.ledger.withLock { $0.bodies[body].pointee.lastProgress = now }
  }

  /// Its pages are needed elsewhere: abandon it and drain the rest.
  package var isCondemned: Bool {
    isOpen && lane.vault.ledger.withLock { $0.bodies[body].pointee.isCondemned }
  }

  package consuming func publish(now: UInt64, burst: inout TouchBurst) {
    precondition(received == length, "only whole values become visible")
    guard isOpen else { return }
    stage = .closed
    lane.publish(ref, body, hash: hash, now: now, burst: &burst)
  }

  /// What happens to the whole value is for `body` to decide, in the moment in which the value may become visible. Nil: it is
  /// visible already, by a planted bug.
  package consuming func publish<Result>(
    now: UInt64, _ body: (inout KeyTransaction) -> Result
  ) -> Result? {
    precondition(received == length, "only whole values become visible")
    guard isOpen else { return nil }
    stage = .closed
    return lane.transact(onKeyOf: ref, self.body, hash, now: now, body)
  }

  /// The same without its bytes, which only a device has.
  consuming func publishAway<Result>(now: UInt64, _ body: (inout KeyTransaction) -> Result) -> Result {
    precondition(isOpen && received == 0, "nothing has arrived")
    stage = .closed
    return lane.transact(onKeyOf: ref, self.body, hash, now: now, body)
  }

  package consuming func abandon(_ reason: DropReason) {
    guard isOpen else { return }
    stage = .closed
    lane.abandon(ref, body, hash: hash, isAnswered: isAnswered, reason)
  }
}

extension Reservation {
  /// The planted bug: it is visible before its bytes have come, and pinned for as long as they come.
  private mutating func publishEarly(now: UInt64) {
    guard lane.grow(body, to: length, byBlocks: false, now: now) == .ready else { return }
    var burst = TouchBurst()
    lane.publish(ref, body, hash: hash, now: now, burst: &burst)
    let vault = lane.vault
    _ = vault.index.withStripe(of: hash) { PinnedValue(pinning: ref.id, in: $0, vault.entries) }
    (roomBytes, stage) = (length, .early)
  }
}

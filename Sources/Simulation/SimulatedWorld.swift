import Base
import IO

/// A pretend kernel, network and clock that several event loops live in, all on one plain thread.
///
/// The loops and everything above them are the real ones. The seed decides every delay, every short transfer,
/// every fault and whose turn it is, so that a life can be lived again by its number.
package final class SimulatedWorld {
  package private(set) var now: UInt64 = 1_000_000_000
  package var random: SplitMix64
  package var faults: FaultPlan
  package private(set) var loops: [EventLoop] = []
  /// Called between turns: what other threads would do meanwhile.
  package var betweenTurns: () -> Void = {}

  /// Where a bug is planted on purpose, misuse must show in what clients see and not stop the world.
  package var toleratesMisuse = false

  /// How much a socket takes that is not read. Drawn for each.
  package var windowBytes = 4096...262_144

  /// Both ends of connections that a fault has hit: what becomes of them is not the server's mistake.
  var harmed: Set<Int32> = []
  /// How often accepting found no descriptor.
  package var outOfDescriptorsCount = 0
  /// Whether new sockets are to be had.
  package var hasDescriptors = true
  /// How often it found a connection that was gone already.
  package var abortedCount = 0
  /// What left by reference.
  package var lentBytes: UInt64 = 0
  /// Whether this system lends pages, so that theirs are really read later.
  package static var lends: Bool { LentPages.isPossible }

  var agenda = Agenda()
  var sockets: [Int32: VirtualSocket] = [:]
  /// Contents by descriptor.
  var files: [Int32: [UInt8]] = [:]
  var waitingForDevice: [VirtualSocket.Waiting] = []
  // Far above real descriptors: a system call that slips through to the real kernel fails instead of hitting one.
  private var nextDescriptor: Int32 = 1_000_000
  private var drivers: [SimulatedDriver] = []
  /// Those that have a port, in a world of one host.
  var listeners: [UInt16: Int32] = [:]

  package init(seed: UInt64, faults: FaultPlan? = nil) {
    random = SplitMix64(seed: seed)
    let drawn = FaultPlan.draw(from: &random)
    self.faults = faults ?? drawn
  }

  package func makeLoop(endsCancelledEarly: Bool = false) -> EventLoop {
    let driver = SimulatedDriver(world: self, endsCancelledEarly: endsCancelledEarly)
    let loop = EventLoop(index: loops.count, driver: driver, verbsMax: 4096)
    drivers.append(driver)
    loops.append(loop)
    loop.adoptThread()
    return loop
  }

  /// - Parameter readsWhole: a read takes all that is there, so that a header which arrives in pieces was sent in pieces.
  package func makeSocket(readsWhole: Bool = false) -> Int32 {
    nextDescriptor += 1
    sockets[nextDescriptor] = VirtualSocket(windowBytes: random.pick(windowBytes), readsWhole: readsWhole)
    return nextDescriptor
  }

  package func makeFile() -> Int32 {
    nextDescriptor += 1
    files[nextDescriptor] = []
    return nextDescriptor
  }

  /// Descriptors that are not closed, in order.
  package var openSockets: [Int32] { sockets.keys.sorted() }

  /// Lives until the condition holds. False when nothing more can ever happen, or time is up.
  package func run(until isOver: () -> Bool, nanosecondsMax: UInt64) -> Bool {
    let end = now + nanosecondsMax
    while !isOver() {
      guard now < end else { return false }
      while let happening = agenda.popDue(at: now) { handle(happening) }
      betweenTurns()
      if turnOne() {
        now += UInt64(random.pick(100...20_000))
      } else {
        guard let next = nextMoment() else { return false }
        now = max(now + 1, next)
      }
    }
    return true
  }

  func delay() -> UInt64 {
    random.chance(perMille: faults.latePerMille)
      ? UInt64(random.pick(1...faults.lateNanosecondsMax)) : UInt64(random.pick(1_000...100_000))
  }

  /// Turns one of the loops that have something to do, whichever the seed says.
  private func turnOne() -> Bool {
    // One position is drawn, and the first loop from there on that has something to do turns.
    guard loops.indices.contains(where: { hasWork($0) }) else { return false }
    var chosen = random.pick(0...loops.count - 1)
    while !hasWork(chosen) { chosen = (chosen + 1) % loops.count }
    loops[chosen].turn(mayBlock: false)
    return true
  }

  private func hasWork(_ position: Int) -> Bool {
    drivers[position].hasCompletions || !loops[position].isIdle || wakeTime(of: loops[position]) <= now
  }

  private func nextMoment() -> UInt64? {
    var next = agenda.nextTime ?? .max
    for loop in loops { next = min(next, wakeTime(of: loop)) }
    return next == .max ? nil : next
  }

  /// When a sleeping loop turns by itself.
  private func wakeTime(of loop: EventLoop) -> UInt64 {
    min(loop.nextTimer, loop.lastTurnTime + Limits.idleTurnNanoseconds)
  }
}

/// For the report of a life that is stuck: who waits for what.
extension SimulatedWorld: CustomStringConvertible {
  package var description: String {
    openSockets.map { describe($0, sockets[$0]!) }.joined(separator: "\n")
  }

  private func describe(_ descriptor: Int32, _ socket: VirtualSocket) -> String {
    var words = ["socket \(descriptor)"]
    if let peer = socket.peer { words.append(sockets[peer] == nil ? "peer gone" : "peer \(peer)") }
    words.append("inbox \(socket.inbox.count), under way \(socket.underWay), window \(socket.windowBytes)")
    if !socket.receiving.isEmpty { words.append("\(socket.receiving.count) receiving") }
    if socket.sending != nil { words.append("sending") }
    if socket.hasEnded { words.append("has ended") }
    if socket.isReset { words.append("is reset") }
    if socket.isReceiveShut || socket.isSendShut { words.append("is shut") }
    if !socket.backlog.isEmpty { words.append("backlog \(socket.backlog.count)") }
    return words.joined(separator: ", ")
  }
}

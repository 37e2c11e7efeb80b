import Base
import IO

/// A simulated kernel, network and clock for several event loops, all on one plain thread.
///
/// The loops and everything above them are the real ones. The seed decides every delay, short transfer, fault and turn,
/// so a run can be repeated by its number.
package final class SimulatedWorld {
  package private(set) var now: UInt64 = 1_000_000_000
  package var random: SplitMix64
  package var faults: FaultPlan
  package private(set) var loops: [EventLoop] = []
  /// Called between turns: stands in for other threads.
  package var betweenTurns: () -> Void = {}

  /// With a bug planted on purpose, misuse must show in what clients see instead of stopping the world.
  package var toleratesMisuse = false

  /// How much a socket takes that is not read. Drawn for each.
  package var windowBytes = 4096...262_144

  /// Both ends of connections that a fault has hit: what becomes of them is not the server's mistake.
  var harmed: Set<Int32> = []
  /// How often accept found no free descriptor.
  package var outOfDescriptorsCount = 0
  /// Whether new sockets can be opened.
  package var hasDescriptors = true
  /// How often accept found a connection that was already gone.
  package var abortedCount = 0
  /// Bytes sent by reference.
  package var lentBytes: UInt64 = 0
  /// Whether this system can lend pages, so that they are really read later.
  package static var lends: Bool { LentPages.isPossible }

  var agenda = Agenda()
  var sockets: [Int32: VirtualSocket] = [:]
  /// Contents by descriptor.
  var files: [Int32: [UInt8]] = [:]
  /// Files of disks by descriptor.
  var diskFiles: [Int32: DiskFile] = [:]
  var waitingForDevice: [VirtualSocket.Waiting] = []
  /// What a device that hangs has begun.
  var keptByDevice: [VirtualSocket.Waiting] = []
  // Far above real descriptors: a system call that slips through to the real kernel fails instead of hitting one.
  private var nextDescriptor: Int32 = 1_000_000
  private var drivers: [SimulatedDriver] = []
  /// Listeners with a port, in a world of one host.
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

  /// - Parameter readsWhole: a read takes everything that is there, so a header that arrives in pieces was sent in
  ///   pieces.
  package func makeSocket(readsWhole: Bool = false) -> Int32 {
    nextDescriptor += 1
    sockets[nextDescriptor] = VirtualSocket(windowBytes: random.pick(windowBytes), readsWhole: readsWhole)
    return nextDescriptor
  }

  package func makeFile() -> Int32 {
    let descriptor = makeDescriptor()
    files[descriptor] = []
    return descriptor
  }

  func makeDescriptor() -> Int32 {
    nextDescriptor += 1
    return nextDescriptor
  }

  /// Descriptors that are not closed, in order.
  package var openSockets: [Int32] { sockets.keys.sorted() }

  /// Runs until the condition holds. False when nothing more can happen, or time is up.
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

  /// Gives a turn to one of the loops that have work, as the seed decides.
  private func turnOne() -> Bool {
    // Draws a position; the first loop from there on that has work takes the turn.
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

  /// When a sleeping loop wakes by itself.
  private func wakeTime(of loop: EventLoop) -> UInt64 {
    min(loop.nextTimer, loop.lastTurnTime + Limits.idleTurnNanoseconds)
  }
}

/// For the report of a life that is stuck: who waits for what.
extension SimulatedWorld: CustomStringConvertible {
  package var description: String {
    var lines = openSockets.map { describe($0, sockets[$0]!) }
    let operations = waitingForDevice.count + keptByDevice.count
    if operations > 0 {
      lines.append("\(operations) operations on files, \(keptByDevice.count) of them kept by a device")
    }
    return lines.joined(separator: "\n")
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

import Base
import Disk
import IO

@testable import Simulation
@testable import Store
@testable import Tier

/// Clients of a store whose memory is far too small, on disks that outlive its processes. A model knows every version of every
/// key; a hit is one that may be there.
final class TierLife: @unchecked Sendable {
  struct Census {
    var hits = 0, misses = 0, brought = 0, promisesKept = 0, revived = 0, back = 0, flushes = 0, expiries = 0
    var written = 0, reclaimed = 0, found = 0, torn = 0, checksumFailures = 0, rescued = 0
  }

  let seed: UInt64
  let plan: TierPlan
  let disks: [SimulatedDisk]
  let keys: [TierKey]
  private let bug: TierBug?
  var random: SplitMix64
  var process: TierProcess
  private(set) var failure: String?
  var census = Census()
  var clientsRunning = 0
  var isStopping = false
  /// Flushes that were begun.
  var flushesBegun = 0
  var flushesUnderWay = 0
  /// When clients began to do without a disk that knows everything.
  var isHarmed = false
  private var single: TierFault?
  /// While a device does not serve, deletes are not written: since when, and when it was so last.
  private var trouble: (since: UInt64, until: UInt64)?

  init(seed: UInt64, harm: TierPlan.Harm = .none, bug: TierBug? = nil, change: (inout TierPlan) -> Void = { _ in }) {
    self.seed = seed
    self.bug = bug
    random = SplitMix64(seed: seed ^ 0x71E2)
    var plan = TierPlan.draw(from: &random)
    plan.harm = harm
    change(&plan)
    self.plan = plan
    let kinds = TierKey.Kind.allCases
    keys = (0..<plan.keys).map { TierKey(number: $0, kind: kinds[$0 % kinds.count]) }
    disks = (0..<plan.deviceCount).map { SimulatedDisk(seed: seed &* 31 &+ UInt64($0)) }
    for disk in disks where plan.writesInSteps { disk.faults.steppedWritePerMille = 100 }
    process = TierProcess(plan, disks: disks, seed: seed, bornAt: 1_000_000_000, bug: bug)
  }

  func fail(_ what: @autoclosure () -> String) {
    if failure == nil { failure = "\(process.now / 1_000_000) ms: \(what())" }
  }

  func note(_ what: @autoclosure () -> String) {
    if Lives.aloud { print("\(process.now / 1_000_000) ms: \(what())") }
  }

  func run() {
    let thread = Int(seed % UInt64(CrashReport.threadsMax))
    CrashReport.install()
    CrashReport.enter(seed, thread: thread)
    defer { CrashReport.leave(thread: thread) }
    for round in 0..<plan.rounds where failure == nil {
      if round > 0 { begin(seed: seed &* 1000 &+ UInt64(round)) }
      arm()
      if failure == nil, round == 0 || random.chance(perMille: 800) { awaitLoading(isStrict: round > 0) }
      if failure == nil { act() }
      let end = plan.ends.randomElement(using: &random)!
      finish(by: end)
    }
  }

  // MARK: Processes

  private func begin(seed: UInt64) {
    process = TierProcess(plan, disks: disks, seed: seed, bornAt: process.now + 1_000_000, bug: bug)
    note("another process")
  }

  private func awaitLoading(isStrict: Bool) {
    let process = process
    var checked: Set<Int> = []
    let isLoaded = process.world.run(
      until: {
        // Each at once: one that is full begins to give up what it has.
        for device in process.tier.devices where device.currentStatus.isLoaded {
          if checked.insert(device.number).inserted, isStrict, !isHarmed { checkReturn(from: device.number) }
        }
        return checked.count == process.tier.devices.count || failure != nil
      }, nanosecondsMax: 600_000_000_000)
    if !isLoaded, !isHarmed { fail("the disks are not loaded: \(process.tier.statuses)") }
  }

  private func checkReturn(from device: Int) {
    // Nor later than that.
    guard process.tier.devices[device].metrics.recordsReclaimed.value == 0 else { return }
    for key in keys where key.mustBeBackFrom == device {
      census.back += 1
      if peek(key) == nil, !hasExpired(key) {
        fail("what was on disk is not back: key \(key.number), \(describe(key))")
      }
    }
  }

  private func hasExpired(_ key: TierKey) -> Bool {
    key.candidates.contains {
      let deadline = key.versions[$0].deadline
      return deadline != 0 && deadline < process.now + TierLife.tolerance
    }
  }

  /// Clients go on for a while, or until the process is killed under them.
  private func act() {
    isStopping = false
    for number in 0..<plan.clients {
      clientsRunning += 1
      process.loop.startRoot { [self] in
        await TierClient(self, number: number).run()
        clientsRunning -= 1
      }
    }
    let nanoseconds: UInt64 = random.chance(perMille: 300) ? UInt64(random.pick(1...5000)) * 1_000_000 : 600_000_000_000
    _ = process.world.run(until: { clientsRunning == 0 || failure != nil }, nanosecondsMax: nanoseconds)
    checkBooks()
  }

  private func finish(by end: TierPlan.End) {
    note("end by \(end)")
    if end == .clean { stopClients() }
    let endedAt = process.now
    let window = window(of: end, at: endedAt)
    for key in keys { key.mustBeBackFrom = nil }
    if end == .kill { noteWhatIsOnDevices() }
    for disk in disks {
      switch end {
      case .kill: disk.kill()
      case .powerLoss: disk.losePower()
      case .clean: break
      }
    }
    isStopping = true
    process.tier.end(at: process.world.now + 60_000_000_000)
    let isOver = process.world.run(
      until: { process.isOver && clientsRunning == 0 }, nanosecondsMax: 3_600_000_000_000)
    if !isOver { fail("it does not end: \(process.world), \(process.tier.statuses), \(clientsRunning) clients") }
    if end == .clean {
      // What memory alone had may have taken the place of others.
      noteWhatIsOnDevices()
      for disk in disks { disk.kill() }
    }
    takeCensus()
    for key in keys { key.beginAgain(endedAt: endedAt, window: window) }
    trouble = nil
    letGo()
  }

  /// Thousands of lives would fill the memory with what their tasks hold, if these were not to return.
  private func letGo() {
    _ = process.world.run(until: { false }, nanosecondsMax: 1_000_000_000)
    process.world.betweenTurns = {}
  }

  private func noteWhatIsOnDevices() { for key in keys { key.mustBeBackFrom = peek(key)?.device } }

  /// How long before its end what was replaced or deleted may come back; nil: whenever it was.
  private func window(of end: TierPlan.End, at endedAt: UInt64) -> UInt64? {
    guard end != .powerLoss, plan.harm != .often else { return nil }
    let window: UInt64 = end == .kill ? 1_000_000_000 : 0
    guard let trouble, trouble.until + 1_000_000_000 > endedAt else { return window }
    return endedAt - trouble.since + 1_000_000_000
  }

  private func stopClients() {
    isStopping = true
    let process = process
    if !process.world.run(until: { clientsRunning == 0 }, nanosecondsMax: 600_000_000_000) {
      fail("clients do not end")
    }
  }

  // MARK: Faults

  private func arm() {
    switch plan.harm {
    case .none: break
    case .once:
      if single == nil { single = TierFault(after: random.pick(10...2000), &random) }
    case .often:
      isHarmed = true
      for disk in disks { disk.faults = TierFault.plan(&random) }
    }
    let (process, disks, fault) = (process, disks, single)
    process.world.betweenTurns = { [unowned self] in
      _ = process.store.populateAhead()
      self.checkReaders()
      if fault?.go(disks) == true, !self.isHarmed {
        self.isHarmed = true
        self.note("harm: \(fault!), \(disks.map(\.damage))")
      }
      if self.isHarmed, !process.isServing || !process.world.keptByDevice.isEmpty { self.noteTrouble() }
    }
  }

  private func noteTrouble() {
    let now = process.now
    let isSame = trouble.map { $0.until + 1_000_000_000 > now } ?? false
    trouble = (isSame ? trouble!.since : now, now)
  }

  // MARK: Books

  /// While nothing is under way.
  private func checkBooks() {
    for disk in disks where disk.allocatedBytes > plan.deviceBytes {
      fail("\(disk.allocatedBytes) bytes of disk are taken of \(plan.deviceBytes)")
    }
    guard failure == nil, clientsRunning == 0 else { return }
    // What is under way ends; the writer looks whenever a tick is over.
    let process = process
    let isQuiet = process.world.run(
      until: { process.tier.devices.allSatisfy { $0.fetches.isEmpty } && process.store.snapshot().inFlightBodies == 0 },
      nanosecondsMax: 120_000_000_000)
    if !isQuiet { return fail("what is under way does not end") }
    process.store.checkInvariants()
    if !isHarmed { for device in process.tier.devices { check(device) } }
  }

  private func checkReaders() {
    for device in process.tier.devices {
      for segment in device.segments where segment?.state == .free && segment!.readers > 0 {
        fail("segment \(segment!.number) is free while it is read")
      }
    }
  }

  private func check(_ device: Device) {
    guard device.status.state == .serving else { return fail("a device is \(device.status)") }
    for segment in device.segments.compactMap({ $0 }) {
      let living = segment.records.reduce(0) {
        segment.graves.contains(UInt32($1.place.block)) ? $0 : $0 + Int($1.blocks)
      }
      if segment.state == .open || segment.state == .sealed, living != segment.livingBlocks {
        fail("segment \(segment.number) has \(living) living blocks, and counts \(segment.livingBlocks)")
      }
    }
    if device.metrics.checksumFailures.value > 0 { fail("\(device.metrics.checksumFailures.value) checksums failed") }
    if device.metrics.readFailures.value + device.metrics.writeFailures.value > 0 { fail("operations failed") }
  }

  private func takeCensus() {
    for device in process.tier.devices {
      census.written += Int(device.metrics.recordsWritten.value)
      census.reclaimed += Int(device.metrics.segmentsReclaimed.value)
      census.found += Int(device.metrics.recordsFound.value)
      census.torn += Int(device.metrics.recordsTorn.value)
      census.rescued += Int(device.metrics.recordsRescued.value)
      census.checksumFailures += Int(device.metrics.checksumFailures.value)
    }
  }

  /// Deadlines are kept in milliseconds, and go from clock to clock.
  static let tolerance: UInt64 = 50_000_000
}

import Base
import Glibc
import IO
import Simulation
import Testing

@testable import Store
@testable import Tier

/// A device that hangs fails nothing, and one that fails for a while has lost nothing.
@Suite struct SilentDeviceTests {
  private let disk = SimulatedDisk(seed: 1)
  private let process: TierProcess
  private static let minute: UInt64 = 60_000_000_000

  /// - Parameter hangs: from the beginning.
  private init(hangs: Bool) {
    let disk = disk
    if hangs { disk.hangsUntil = Self.minute }
    process = TierProcess(TierPlan(), disks: [disk], seed: 1, bornAt: 1_000_000_000, bug: nil)
  }

  init() { self.init(hangs: false) }

  private var device: Device { process.tier.devices[0] }
  private var state: DeviceStatus.State { device.currentStatus.state }
  private var isSilent: Bool { device.currentStatus.reason == "it does not answer" }

  private func becomes(_ state: DeviceStatus.State, at place: SourceLocation = #_sourceLocation) {
    let device = device
    let isReached = process.world.run(until: { device.currentStatus.state == state }, nanosecondsMax: 10 * Self.minute)
    #expect(isReached, "\(device.currentStatus)", sourceLocation: place)
  }

  private func hang() { disk.hangsUntil = process.world.now + Self.minute }

  /// As long as it hangs.
  private func stays(_ state: DeviceStatus.State) {
    let (device, disk, world) = (device, disk, process.world)
    _ = world.run(until: { device.currentStatus.state != state }, nanosecondsMax: 10 * Self.minute)
    #expect(world.now >= disk.hangsUntil, "\(device.currentStatus)")
  }

  // MARK: A client

  private final class Outcome: @unchecked Sendable {
    var isOver = false
    var isHere = false
  }

  private func run(_ body: @escaping @Sendable (Outcome) async -> Void) -> Bool {
    let outcome = Outcome()
    process.loop.startRoot {
      await body(outcome)
      outcome.isOver = true
    }
    #expect(process.world.run(until: { outcome.isOver }, nanosecondsMax: 10 * Self.minute))
    return outcome.isHere
  }

  private func name(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

  private func put(_ numbers: Range<Int>) {
    let (process, names) = (process, numbers.map(name))
    _ = run { outcome in
      var burst = TouchBurst()
      for name in names {
        let lane = process.lane
        guard
          var reservation = lane.begin(
            key: name.span.bytes, length: 60_000, meta: ObjectMeta(format: 1, type: 2, shape: (1, 1, 1, 1)),
            now: process.loop.now)
        else { continue }
        while case .wait = reservation.extend(to: 60_000, now: process.loop.now) {
          await process.loop.sleep(nanoseconds: 2_000_000)
        }
        reservation.advance(by: 60_000, now: process.loop.now)
        reservation.publish(now: process.loop.now, burst: &burst)
        await process.loop.sleep(nanoseconds: 100_000_000)
      }
    }
  }

  /// More than memory holds, all of it on the device.
  private func fill() {
    becomes(.serving)
    put(0..<40)
    let device = device
    #expect(
      process.world.run(until: { device.metrics.recordsWritten.value == 40 }, nanosecondsMax: 10 * Self.minute))
    #expect(away.count >= 8)
  }

  /// Those that only the device has.
  private var away: [Int] { (0..<40).filter { ref(of: $0) != nil } }

  private func ref(of number: Int) -> ValueRef? {
    var burst = TouchBurst()
    let found = process.lane.find(
      key: name(number).span.bytes, kind: .withMeta, now: process.world.now, burst: &burst)
    if case .disk(let ref) = found { return ref }
    return nil
  }

  private func exists(_ number: Int) -> Bool {
    var burst = TouchBurst()
    return process.lane.exists(
      key: name(number).span.bytes, kind: .withMeta, now: process.world.now, burst: &burst)
  }

  /// From the device, where it is not in memory.
  private func bring(_ number: Int) -> Bool {
    guard let ref = ref(of: number) else { return exists(number) }
    let process = process
    return run { outcome in
      outcome.isHere = await process.tier.bring(ref, by: process.lane, now: process.loop.now) != nil
    }
  }

  // MARK: Hanging

  @Test func readsThatHangTurnItOff() {
    fill()
    let away = away
    hang()
    #expect(!bring(away[0]))
    becomes(.off)
    #expect(isSilent)
    #expect(device.metrics.readFailures.value == 1 && device.metrics.impatient.value == 1)
    #expect(away.allSatisfy { !exists($0) && ref(of: $0) == nil }, "nobody can have them")
    put(100..<102)
    #expect(exists(100) && exists(101))
    stays(.off)
    becomes(.serving)
    #expect(away.allSatisfy(exists) && bring(away[0]) && bring(away[1]))
  }

  @Test func writesThatHangStopWrites() {
    fill()
    let away = away
    hang()
    put(100..<102)
    becomes(.readOnly)
    #expect(isSilent)
    #expect(device.metrics.writeFailures.value == 1)
    #expect(away.allSatisfy { ref(of: $0) != nil }, "a look-up would have them read")
    stays(.readOnly)
    becomes(.serving)
    let device = device
    #expect(
      process.world.run(until: { device.metrics.recordsWritten.value >= 42 }, nanosecondsMax: 10 * Self.minute))
    #expect(bring(away[0]))
  }

  /// A write that does not end keeps the device's tasks, and readers find out all the same.
  @Test func readsThatHangBehindWritesTurnItOff() {
    fill()
    let away = away
    hang()
    put(100..<102)
    becomes(.readOnly)
    #expect(!bring(away[0]))
    becomes(.off)
    #expect(away.allSatisfy { !exists($0) })
    stays(.off)
    becomes(.serving)
    #expect(away.allSatisfy(exists) && bring(away[0]))
  }

  @Test func aDirectoryThatHangsAtTheStartIsSaid() {
    let start = SilentDeviceTests(hangs: true)
    start.becomes(.off)
    #expect(start.isSilent && start.device.currentStatus.isLoaded)
    start.stays(.off)
    start.becomes(.serving)
  }

  // MARK: Failing

  @Test func whatCouldNotBeReadIsThereWhenTheDeviceWorksAgain() {
    fill()
    let away = away
    disk.faults.readFailurePerMille = 1000
    for number in away[0..<4] { #expect(!bring(number)) }
    becomes(.off)
    disk.faults.readFailurePerMille = 0
    becomes(.serving)
    #expect(away.allSatisfy(exists) && away[0..<4].allSatisfy(bring))
  }

  /// Else it would be told of, and missed, each time that it is asked for.
  @Test func whatAloneCannotBeReadIsLost() {
    fill()
    let away = away
    disk.faults.readFailurePerMille = 1000
    #expect(!bring(away[0]) && !bring(away[0]) && ref(of: away[0]) != nil)
    disk.faults.readFailurePerMille = 0
    #expect(bring(away[1]))
    #expect(!exists(away[0]) && exists(away[2]) && state == .serving)
  }

  @Test func whatIsReadTheNextTimeIsNotLost() {
    fill()
    let away = away
    disk.faults.readFailurePerMille = 1000
    #expect(!bring(away[0]))
    disk.faults.readFailurePerMille = 0
    #expect(bring(away[0]) && bring(away[1]) && exists(away[0]))
  }
}

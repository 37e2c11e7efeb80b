import Base
import Simulation
import Store
import Testing

@testable import Server
@testable import Wire

@Suite struct HousekeepingTests {
  /// Values that one loop's clients read must not look cold to another loop's evictions until the first loop stores
  /// something.
  @Test func touchesReachTheOrderWithoutAnyRequest() throws {
    let quiet = try QuietServer(budgetBytes: 4 << 20, leaseSeconds: 0)
    let (world, store) = (quiet.world, quiet.store)
    while store.populateAhead() {}
    quiet.server.start()
    // Past the time of fresh values, and with housekeeping behind each step.
    func pass(seconds: UInt64) { _ = world.run(until: { false }, nanosecondsMax: seconds * 1_000_000_000) }

    for number in 0..<8 { put(store.lane(0), number, now: world.now) }
    pass(seconds: 12)
    #expect(find(store.lane(1), 0, now: world.now), "the oldest, read on the other lane")
    pass(seconds: 1)
    for number in 8..<13 { put(store.lane(0), number, now: world.now) }
    #expect(find(store.lane(0), 0, now: world.now), "read lately, it outlives what was not")
    #expect(!find(store.lane(0), 1, now: world.now))
  }

  private func put(_ lane: Lane, _ number: Int, now: UInt64) {
    var burst = TouchBurst()
    let key = Array("key \(number)".utf8)
    guard var reservation = lane.begin(key: key.span.bytes, length: 400_000, meta: nil, now: now) else { return }
    guard reservation.extend(to: 400_000, now: now) == .ready else { return }
    reservation.advance(by: 400_000, now: now)
    reservation.publish(now: now, burst: &burst)
  }

  private func find(_ lane: Lane, _ number: Int, now: UInt64) -> Bool {
    var burst = TouchBurst()
    let key = Array("key \(number)".utf8)
    switch lane.find(key: key.span.bytes, kind: .plain, now: now, burst: &burst) {
    case .memory: return true
    case .absent: return false
    case .disk: return false
    }
  }
}

import Base
import Testing

@testable import Bench

/// A server stalls for a tenth of a second: which requests show it?
@Suite
struct OpenLoopTests {
  private static let millisecond: UInt64 = 1_000_000
  private static let second: UInt64 = 1_000_000_000
  private let recorder = Recorder(slotNanoseconds: 1_000_000)
  private let server = StallingServer(
    serviceNanoseconds: 100_000, stall: 300 * millisecond..<400 * millisecond, connections: 2)

  private func sequence() -> OperationSequence {
    OperationSequence(OperationMix(get: 0, put: 0, exist: 1), keys: 0..<10, startingAt: 0, seed: 1)
  }

  private func arrivals(_ rate: Double, isPoisson: Bool = false) -> ArrivalFeed {
    ArrivalFeed(
      sequence(), ArrivalSchedule(perSecond: rate, isPoisson: isPoisson, seed: 3), recorder: recorder)
  }

  @Test
  func aStallIsChargedToAllThatShouldHaveStarted() {
    let latencies = server.run(arrivals(1000), recorder, .nanoseconds(Self.second))
    #expect(latencies.count == 1000)
    #expect(recorder.operations.value == 1000)
    #expect(recorder.unsent.value == 0)
    // One arrival a millisecond: the hundred of the stall waited for its end, each a millisecond less than the one
    // before, and the backlog took 100 / 9 more to clear.
    #expect(latencies.max()! >= 100 * Self.millisecond)
    #expect((49...60).contains(latencies.count { $0 > 50 * Self.millisecond }))
    #expect((98...115).contains(latencies.count { $0 > Self.millisecond }))
    // All but the two with room had to wait.
    #expect((95...115).contains(recorder.late.value))
    // The 95th percentile shows it.
    let measured = recorder.snapshot(.exist)
    #expect(measured.percentile(0.95) > 40_000_000)
    #expect(measured.percentile(0.5) < 200_000)
  }

  @Test
  func aClosedLoopHidesIt() {
    let latencies = server.run(ClosedFeed(sequence()), recorder, .nanoseconds(Self.second))
    #expect(latencies.count { $0 > 50 * Self.millisecond } <= 2)
    #expect(recorder.late.value == 0)
  }

  @Test
  func aServerThatCannotKeepUpLeavesArrivalsUnsent() {
    // It can do 10,000 a second and 40,000 are due; after twice the round the rest is given up.
    let latencies = server.run(arrivals(40_000), recorder, .nanoseconds(Self.second))
    #expect(Int(recorder.unsent.value) + latencies.count == 40_000)
    #expect((18_500...19_500).contains(latencies.count))
    #expect(recorder.snapshot(.exist).total == 40_000)
    #expect(recorder.operations.value == latencies.count)
    // Requests never sent count too: the worst waited from its due time to the end.
    #expect(recorder.snapshot(.exist).percentile(0.99) > 1_000_000_000)
  }

  @Test
  func aCountIsACount() {
    #expect(server.run(arrivals(500), recorder, .count(77)).count == 77)
    #expect(server.run(ClosedFeed(sequence()), recorder, .count(78)).count == 78)
  }

  @Test
  func poissonArrivalsMeetTheirRateAndAreUneven() {
    var schedule = ArrivalSchedule(perSecond: 1000, isPoisson: true, seed: 1)
    schedule.restart()
    var gaps: [Double] = []
    var last: UInt64 = 0
    for _ in 0..<20_000 {
      gaps.append(Double(schedule.nextDue - last))
      last = schedule.nextDue
      schedule.advance()
    }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    #expect(abs(mean - 1e6) < 3e4)
    // In an exponential distribution 1/e are longer than the mean.
    let longer = Double(gaps.count { $0 > mean }) / Double(gaps.count)
    #expect(abs(longer - 0.3679) < 0.02)
  }

  @Test
  func evenArrivalsDoNotDrift() {
    var schedule = ArrivalSchedule(perSecond: 3, isPoisson: false, seed: 1)
    schedule.restart()
    for _ in 0..<3_000_000 { schedule.advance() }
    #expect(abs(Int64(schedule.nextDue) - 1_000_000 * 1_000_000_000) < 1_000_000)
  }

  @Test
  func aMixComesAsItsWeightsSay() {
    var sequence = OperationSequence(OperationMix(get: 70, put: 20, exist: 10), keys: 0..<7, startingAt: 3, seed: 1)
    var counts = [0, 0, 0]
    var keys: [Int] = []
    for _ in 0..<100_000 {
      let job = sequence.next(due: 0)
      counts[job.operation.rawValue] += 1
      keys.append(job.key)
    }
    #expect(abs(counts[0] - 70_000) < 1000 && abs(counts[1] - 20_000) < 1000 && abs(counts[2] - 10_000) < 1000)
    #expect(Array(keys.prefix(6)) == [3, 4, 5, 6, 0, 1])
  }
}

import Testing

@testable import Bench

@Suite
struct LatenciesTests {
  /// Every whole number of microseconds once: the percentile of a share is that share of the range.
  @Test(arguments: [0.5, 0.9, 0.99, 0.999])
  func aPercentileOfAnEvenSpreadIsItsShare(share: Double) {
    var latencies = Latencies()
    for microseconds in 1...100_000 { latencies.record(UInt64(microseconds) * 1000) }
    let exact = share * 100_000_000
    #expect(abs(latencies.percentile(share) - exact) < exact / 100)
    #expect(latencies.largest == 100_000_000)
    #expect(latencies.total == 100_000)
    #expect(latencies.mean == 50_000_500)
  }

  @Test
  func aTailShowsWhereItBegins() {
    var latencies = Latencies()
    latencies.record(1000, count: 990)
    latencies.record(1_000_000, count: 10)
    #expect(abs(latencies.percentile(0.99) - 1000) < 10)
    #expect(abs(latencies.percentile(0.991) - 1_000_000) < 10_000)
    #expect(latencies.percentile(1) == 1_000_000)
    #expect(latencies.filled.map(\.count) == [990, 10])
  }

  @Test
  func nothingMeasuredIsNothing() {
    #expect(Latencies().percentile(0.99) == 0)
    #expect(Latencies().mean == 0)
  }

  @Test
  func aMergeIsWhatOneRecordOfBothWouldBe() {
    var (low, high, both) = (Latencies(), Latencies(), Latencies())
    for value in 0..<5000 {
      let nanoseconds = UInt64(value * value)
      if value < 1000 { low.record(nanoseconds) } else { high.record(nanoseconds) }
      both.record(nanoseconds)
    }
    low.merge(high)
    #expect(low == both)
  }

  @Test
  func whatIsTakenLiveIsTheSame() {
    let live = LiveLatencies()
    var latencies = Latencies()
    for value in [0, 1, 63, 64, 65, 1_000_003, 77_000_000_000, UInt64(1) << 55] {
      live.record(value)
      latencies.record(value)
    }
    #expect(live.snapshot == latencies)
    #expect(live.snapshot.largest == 1 << 55)
  }
}

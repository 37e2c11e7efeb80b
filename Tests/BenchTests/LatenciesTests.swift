import Bench
import Testing

@Suite
struct LatenciesTests {
  /// Every whole number of microseconds once: the percentile of a share is that share of the range.
  @Test(arguments: [0.5, 0.9, 0.99, 0.999])
  func aPercentileOfAnEvenSpreadIsItsShare(share: Double) {
    var latencies = Latencies()
    for microseconds in 1...100_000 { latencies.record(UInt64(microseconds) * 1000) }
    let exact = share * 100_000_000
    #expect(abs(latencies.percentile(share) - exact) < exact / 64)
    #expect(latencies.largest == 100_000_000)
    #expect(latencies.total == 100_000)
  }
}

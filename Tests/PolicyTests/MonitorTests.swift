import Base
import Testing

@testable import Policy

/// Watched chunks, beside a dictionary.
@Suite struct MonitorTests {
  @Test(arguments: 0..<20)
  func itFindsWhatItWatches(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var monitor = Monitor()
    var expected: [UInt64: UInt32] = [:]
    var order: [UInt64] = []
    for step in 0..<4000 {
      // Few bits, so that hashes share their homes.
      let hash = UInt64(random.pick(0...300)) << 20
      if let place = monitor.find(hash) {
        #expect(monitor[place].hash == hash && monitor[place].touchedAt == expected[hash])
        monitor.remove(place)
        expected[hash] = nil
        order.removeAll { $0 == hash }
      } else {
        #expect(expected[hash] == nil)
        _ = monitor.add(.init(hash: hash, touchedAt: UInt32(step), chunkClass: .underWay, reuses: 0))
        expected[hash] = UInt32(step)
        order.append(hash)
      }
      #expect(monitor.count == expected.count)
      #expect(order.first == (monitor.first == 0 ? nil : monitor[monitor.first].hash), "the longest unseen comes first")
    }
    var seen: [UInt64] = []
    monitor.sample(every: 1) { seen.append($0.hash) }
    #expect(seen == order.reversed())
    for hash in 0..<301 { #expect((monitor.find(UInt64(hash) << 20) != nil) == (expected[UInt64(hash) << 20] != nil)) }
  }
}

import Testing

@testable import Bench

@Suite
struct AxisTests {
  @Test(arguments: [0.001, 0.37, 1, 4.2, 6.3, 99, 1_234_567])
  func ticksFromZeroAreRoundAndFew(largest: Double) {
    let axis = Axis.fromZero("", [largest / 2, largest])
    #expect(axis.domain.lowerBound == 0 && axis.domain.upperBound >= largest)
    #expect((3...7).contains(axis.ticks.count))
    #expect(axis.ticks.allSatisfy { axis.domain.contains($0.value) })
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count)
  }

  @Test(arguments: [[0.4], [100, 100], [3, 9], [1, 1_000_000], [99.9, 100.1], []])
  func durationsFitBetweenSteps(values: [Double]) {
    let axis = Axis.durations("", values)
    #expect(axis.ticks.count >= 3)
    #expect(values.allSatisfy { axis.domain.contains($0) })
    #expect(axis.ticks.contains { $0.label != nil })
  }

  @Test
  func placesFollowTheScale() {
    let sizes = Axis.sizes([1024, 2048, 4096])
    #expect([1024, 2048, 4096].map(sizes.place) == [0, 0.5, 1])
    let shares = Axis.shares(upTo: 0.9999)
    let steps = [0, 0.9, 0.99, 0.999, 0.9999].map(shares.place)
    for (index, place) in steps.enumerated() { #expect(abs(place - Double(index) / 4) < 1e-6) }
    #expect(sizes.place(1) == 0 && sizes.place(1e9) == 1)
  }

  @Test
  func labelsUseOneUnit() {
    #expect(CompactNumber.labels([0, 500_000, 1_000_000]) == ["0", "0.5 M", "1.0 M"])
    #expect(CompactNumber.labels([0, 0.25, 0.5]) == ["0", "0.25", "0.50"])
    #expect(CompactNumber.labels([0, 5000, 10_000]) == ["0", "5 k", "10 k"])
    #expect(DurationText.of(999) == "999 µs" && DurationText.of(1500) == "1.5 ms" && DurationText.of(2e6) == "2 s")
    #expect([4096, 1_572_864, 100, 33_554_432].map(ByteSize.text) == ["4 KiB", "1.5 MiB", "100 B", "32 MiB"])
  }

  @Test
  func labelsKeepTheirDistanceAndOrder() {
    let places = Spacing.apart([100, 101, 99, 300], by: 15, within: 0...310)
    #expect(places[2] < places[0] && places[0] < places[1])
    #expect(abs(places[0] - 100) < 0.01 && places[1] - places[0] == 15 && places[3] == 300)
    let pushed = Spacing.apart([310, 310, 310], by: 15, within: 0...310)
    #expect(pushed.sorted() == [280, 295, 310])
  }
}

import Base
import Testing

@testable import Bench

@Suite
struct TimelineTests {
  @Test
  func slotsAreWidenedWithoutLosingAnything() {
    var timeline = LiveTimeline(slotNanoseconds: 1000)
    let last = 10 * Limits.benchTimelineSlots
    for index in 0...last { timeline.record(UInt64(index + 1), bytes: 2, at: UInt64(index) * 1000) }
    let shown = timeline.snapshot
    #expect(timeline.slotNanoseconds == 16_000)
    #expect(shown.points.count <= Limits.benchTimelineSlots)
    #expect(shown.points.reduce(0) { $0 + $1.operations } == last + 1)
    #expect(shown.points.reduce(0) { $0 + $1.bytes } == 2 * (last + 1))
    #expect(shown.points.map(\.operations).dropLast().allSatisfy { $0 == 16 })
    // Later operations took longer, and every point shows its own.
    #expect(shown.points.map(\.largest) == shown.points.map(\.largest).sorted())
    #expect(shown.points.last?.largest == Double(last + 1))
  }

  @Test
  func aPointKnowsItsPercentiles() throws {
    var timeline = LiveTimeline(slotNanoseconds: 1_000_000)
    for _ in 0..<98 { timeline.record(10_000, bytes: 0, at: 5) }
    for _ in 0..<2 { timeline.record(5_000_000, bytes: 0, at: 6) }
    timeline.record(1, bytes: 0, at: 3_000_000)
    let points = timeline.snapshot.points
    try #require(points.count == 4)
    #expect(abs(points[0].half - 10_000) < 1000)
    #expect(abs(points[0].most99 - 5_000_000) < 300_000)
    #expect(points[1].operations == 0 && points[1].half == 0)
    #expect(points[3].seconds == 0.003)
  }

  @Test
  func lanesAddUp() {
    var one = LiveTimeline(slotNanoseconds: 100)
    var other = LiveTimeline(slotNanoseconds: 200)
    for index in 0..<50 { one.record(10, bytes: 1, at: UInt64(index) * 100) }
    for index in 0..<50 { other.record(20, bytes: 1, at: UInt64(index) * 200) }
    one.widen(to: 200)
    one.add(other)
    let points = one.snapshot.points
    #expect(points.count == 50)
    #expect(points[0].operations == 3)
    #expect(points.reduce(0) { $0 + $1.bytes } == 100)
  }
}

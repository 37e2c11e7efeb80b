import Testing

@testable import Base

@Suite
struct MonotonicClockTests {
  @Test
  func doesNotGoBack() {
    var last = MonotonicClock.now()
    #expect(last > 0)
    for _ in 0..<10_000 {
      let now = MonotonicClock.now()
      #expect(now >= last)
      last = now
    }
  }
}

import Testing

@testable import Base

@Suite
struct CounterTests {
  @Test
  func addsUp() {
    let counter = Counter()
    #expect(counter.value == 0)
    counter.add()
    counter.add(41)
    #expect(counter.value == 42)
  }

  @Test
  func wrapsInsteadOfTrapping() {
    let counter = Counter()
    counter.add(-1)
    #expect(counter.value == .max)
    counter.add(2)
    #expect(counter.value == 1)
  }

  /// Two writers would lose counts; one writer and any number of readers lose none.
  @Test
  func readersSeeItGrow() {
    let counter = SharedCounter()
    let writer = Thread(name: "writer") { for _ in 0..<100_000 { counter.counter.add() } }
    var last: UInt64 = 0
    while last < 100_000 {
      let value = counter.counter.value
      #expect(value >= last)
      last = value
    }
    writer.join()
    #expect(counter.counter.value == 100_000)
  }
}

private final class SharedCounter: Sendable {
  let counter = Counter()
}

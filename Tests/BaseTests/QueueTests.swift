import Testing

@testable import Base

@Suite
struct QueueTests {
  /// Pops move the head, so that growth happens at every position of it.
  @Test(arguments: 0..<8)
  func orderIsKeptWhileItWrapsAndGrows(head: Int) {
    var queue = Queue<Int>()
    for _ in 0..<head {
      queue.append(-1)
      _ = queue.removeFirst()
    }
    var (put, taken) = (0, 0)
    for round in 0..<100 {
      for _ in 0...round % 7 {
        queue.append(put)
        put += 1
      }
      for _ in 0...round % 5 where queue.count > 0 {
        #expect(queue.popFirst() == taken)
        taken += 1
      }
      #expect(queue.count == put - taken)
      for index in 0..<queue.count { #expect(queue[index] == taken + index) }
    }
    while let next = queue.popFirst() {
      #expect(next == taken)
      taken += 1
    }
    #expect(taken == put)
  }

  private final class Tally { var ended = 0 }

  private struct Thing: ~Copyable {
    let tally: Tally
    deinit { tally.ended += 1 }
  }

  @Test
  func whatCannotBeCopiedEndsOnce() {
    let tally = Tally()
    do {
      var queue = Queue<Thing>(capacity: 2)
      for _ in 0..<9 { queue.append(Thing(tally: tally)) }
      _ = queue.popFirst()
      _ = queue.removeFirst()
      #expect(tally.ended == 2)
      for _ in 0..<3 { queue.append(Thing(tally: tally)) }
    }
    #expect(tally.ended == 12)
  }

  @Test
  func memoryForManyIsGivenBackWhenAsked() {
    var queue = Queue<Int>()
    #expect(queue.byteCount == 0)
    for number in 0..<100 { queue.append(number) }
    queue.shrink(above: 4)
    #expect(queue.byteCount == 128 * MemoryLayout<Int>.stride, "it is not empty")
    queue.removeAll()
    queue.shrink(above: 4)
    #expect(queue.byteCount == 0)
    queue.append(7)
    #expect(queue.popFirst() == 7)
  }
}

import Testing

@testable import IO

/// A token names a slot for one wait only.
@Suite
struct SlotTableTests {
  @Test
  func aTokenFindsItsSlotUntilTheSlotIsGivenBack() {
    var table = SlotTable(capacity: 8)
    let first = table.take()
    let second = table.take()
    let token = table.token(of: first)
    #expect(first != second)
    #expect(table.index(of: token) == first)
    #expect(table.index(of: table.token(of: second)) == second)
    #expect(table.inUse == 2)

    table.giveBack(first)
    #expect(table.index(of: token) == nil)
    let again = table.take()
    #expect(again == first, "a slot is used again before a new one is touched")
    #expect(table.index(of: token) == nil, "the old token does not name the new wait")
    #expect(table.index(of: table.token(of: again)) == again)
  }

  @Test
  func generationsWrap() {
    var table = SlotTable(capacity: 1)
    let index = table.take()
    table.slots[Int(index)].generation = .max
    let last = table.token(of: index)
    #expect(table.index(of: last) == index)
    table.giveBack(index)
    #expect(table.take() == index)
    #expect(table.slots[Int(index)].generation == 0)
    #expect(table.index(of: last) == nil)
    #expect(table.index(of: table.token(of: index)) == index)
  }

  @Test
  func tokensOfNobodyNameNothing() {
    var table = SlotTable(capacity: 4)
    _ = table.take()
    for token: UInt64 in [0, 1 << 32 | 1, 1 << 32 | 3, 1 << 32 | 4000, .max, .max - 1] {
      #expect(table.index(of: token) == nil)
    }
  }

  @Test
  func aSlotComesBackClean() {
    var table = SlotTable(capacity: 1)
    let index = table.take()
    table.slots[Int(index)].isSleep = true
    table.slots[Int(index)].isTimedOut = true
    table.giveBack(index)
    let slot = table.slots[Int(table.take())]
    #expect(!slot.isSleep && !slot.isTimedOut && slot.continuation == nil)
  }

  @Test
  func takingMoreThanThereAreTraps() async {
    await #expect(processExitsWith: .failure) {
      var table = SlotTable(capacity: 2)
      for _ in 0..<3 { _ = table.take() }
    }
  }
}

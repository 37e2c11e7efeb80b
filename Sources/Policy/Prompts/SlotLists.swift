/// Lists of slots by their last use. A slot is in one of them at most.
struct SlotLists: Sendable {
  static let none = UInt16.max

  private struct Links {
    var newer = SlotLists.none
    var older = SlotLists.none
  }

  private struct Ends {
    var newest = SlotLists.none
    var oldest = SlotLists.none
    var count: UInt16 = 0
  }

  private var links: [Links]
  private var ends: [Ends]

  init(slots: Int, lists: Int) {
    links = Array(repeating: Links(), count: slots)
    ends = Array(repeating: Ends(), count: lists)
  }

  static func bytes(slots: Int, lists: Int) -> Int {
    slots * MemoryLayout<Links>.stride + lists * MemoryLayout<Ends>.stride
  }

  func count(of list: UInt16) -> Int { Int(ends[Int(list)].count) }
  func newest(of list: UInt16) -> UInt16 { ends[Int(list)].newest }
  func oldest(of list: UInt16) -> UInt16 { ends[Int(list)].oldest }
  func older(than slot: UInt16) -> UInt16 { links[Int(slot)].older }
  func newer(than slot: UInt16) -> UInt16 { links[Int(slot)].newer }

  /// As the newest one.
  mutating func add(_ slot: UInt16, to list: UInt16) {
    let newest = ends[Int(list)].newest
    links[Int(slot)] = Links(older: newest)
    if newest != Self.none { links[Int(newest)].newer = slot } else { ends[Int(list)].oldest = slot }
    ends[Int(list)].newest = slot
    ends[Int(list)].count += 1
  }

  mutating func remove(_ slot: UInt16, from list: UInt16) {
    let link = links[Int(slot)]
    if link.newer != Self.none {
      links[Int(link.newer)].older = link.older
    } else {
      ends[Int(list)].newest = link.older
    }
    if link.older != Self.none {
      links[Int(link.older)].newer = link.newer
    } else {
      ends[Int(list)].oldest = link.newer
    }
    ends[Int(list)].count -= 1
  }
}

typealias BlockID = UInt32

/// Blocks in a row. Several rows may share their links when a block is in one of them at most.
struct BlockList: @unchecked Sendable {
  struct Links {
    var next: BlockID
    var previous: BlockID
  }

  static let none = BlockID.max

  private let links: UnsafeMutablePointer<Links>
  private(set) var head = BlockList.none

  init(links: UnsafeMutablePointer<Links>) { self.links = links }

  var first: BlockID? { head == Self.none ? nil : head }

  func next(of block: BlockID) -> BlockID? {
    let next = links[Int(block)].next
    return next == Self.none ? nil : next
  }

  func previous(of block: BlockID) -> BlockID? {
    let previous = links[Int(block)].previous
    return previous == Self.none ? nil : previous
  }

  mutating func insert(_ block: BlockID) {
    links[Int(block)] = Links(next: head, previous: Self.none)
    if head != Self.none { links[Int(head)].previous = block }
    head = block
  }

  mutating func remove(_ block: BlockID) {
    let (next, previous) = (links[Int(block)].next, links[Int(block)].previous)
    if next != Self.none { links[Int(next)].previous = previous }
    if previous != Self.none { links[Int(previous)].next = next } else { head = next }
  }
}

/// The chunks that no stored chunk follows, in no order: any of them is found by its place, so that some can be drawn at random.
struct Leaves: Sendable {
  private let nodes: ChunkNodes
  private var ids: [UInt32] = []

  init(_ nodes: ChunkNodes) { self.nodes = nodes }

  var count: Int { ids.count }
  var bytes: Int { ids.capacity * MemoryLayout<UInt32>.stride }

  subscript(index: Int) -> UInt32 { ids[index] }

  mutating func add(_ id: UInt32) {
    guard nodes[id].pointee.leaf == 0 else { return }
    ids.appendTightly(id)
    nodes[id].pointee.leaf = UInt32(ids.count)
  }

  mutating func remove(_ id: UInt32) {
    let place = Int(nodes[id].pointee.leaf)
    guard place != 0 else { return }
    nodes[id].pointee.leaf = 0
    let last = ids.removeLast()
    guard last != id else { return }
    ids[place - 1] = last
    nodes[last].pointee.leaf = UInt32(place)
  }
}

extension Array {
  /// Grows by an eighth instead of doubling: what it takes is booked by its count.
  mutating func appendTightly(_ element: Element) {
    if count == capacity { reserveCapacity(count + count / 8 + 8) }
    append(element)
  }
}

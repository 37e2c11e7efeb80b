/// What the policy keeps of a chunk that is stored: its place in the tree of prefixes, and what is known of it. 28 bytes, for
/// which the record of a chunk has room.
package struct ChunkNode: Sendable {
  /// The chunk before it in its prompt; 0 is none.
  var parent: UInt32 = 0
  /// How many stored chunks have this one before them.
  var followers: UInt32 = 0
  /// Its place among the leaves, from 1; 0 is none.
  var leaf: UInt32 = 0
  /// When a prompt last came by, in touches of chunks.
  var touchedAt: UInt32 = 0
  /// The room that it takes, in units; at most what fits.
  var units: UInt16 = 1
  /// Counts the chunks that the node stood for, so that a link to one that has gone is known.
  var stamp: UInt16 = 0
  var parentStamp: UInt16 = 0
  var chunkClass = ChunkClass.underWay
  var reuses: UInt8 = 0
  var isStored = false
  /// Stored by a prompt that is still under way.
  var isNew = false
  /// It may not go for a while.
  var isSetAside = false

  package init() {}
}

/// Where nodes lie: in memory of their own, or each in the record of its chunk.
package struct ChunkNodes: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let stride: Int

  /// - Parameter base: of the node that has the number 0, which is never used.
  package init(base: UnsafeMutableRawPointer, stride: Int) {
    self.base = base
    self.stride = stride
  }

  @inline(__always)
  subscript(id: UInt32) -> UnsafeMutablePointer<ChunkNode> {
    (base + Int(id) * stride).assumingMemoryBound(to: ChunkNode.self)
  }

  /// The chunk before it, if it is still stored; 0 is none.
  func parent(of id: UInt32) -> UInt32 {
    let node = self[id]
    let parent = node.pointee.parent
    return parent != 0 && self[parent].pointee.isStored && self[parent].pointee.stamp == node.pointee.parentStamp
      ? parent : 0
  }

  /// A prompt from its last chunk to its first, as far as they are stored, and how many follow each.
  func prompt(endingAt tail: UInt32, count: Int) -> PromptChunks { PromptChunks(nodes: self, id: tail, count: count) }
}

struct PromptChunks: Sequence, IteratorProtocol {
  private let nodes: ChunkNodes
  private var id: UInt32
  private let count: Int
  private var distance = 0

  fileprivate init(nodes: ChunkNodes, id: UInt32, count: Int) {
    (self.nodes, self.id, self.count) = (nodes, id, count)
  }

  mutating func next() -> (id: UInt32, distance: Int)? {
    guard id != 0, distance < count, nodes[id].pointee.isStored else { return nil }
    defer {
      id = nodes.parent(of: id)
      distance += 1
    }
    return (id, distance)
  }
}

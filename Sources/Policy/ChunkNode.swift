/// What the policy keeps of a chunk that is stored: its place in the tree of prefixes, and what is known of it. 36 bytes, for
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
  /// Where it was watched last; 0 is nowhere.
  var watchPlace: UInt32 = 0
  /// Which of the chunks that the parent's node stood for it was: a link to one that has gone leads nowhere.
  var parentStamp: UInt32 = 0
  /// The room that it takes, in units; at most what fits.
  var units: UInt16 = 1
  var chunkClass = ChunkClass.underWay
  var reuses: UInt8 = 0
  /// The prompt that came by last, and what it did.
  var prompt = PromptRef()
  var step = PromptStep.none
  /// Others that had asked for it too, and will fetch it.
  var fetchesToCome: UInt8 = 0
  private var flags: UInt8 = 0
  /// Since which period of `Grace` it is spared; 0 is not at all.
  var sparedSince: UInt8 = 0

  var isStored: Bool {
    get { flags & 1 != 0 }
    set { flags = newValue ? flags | 1 : flags & ~1 }
  }
  /// Stored by a prompt that is still under way.
  var isNew: Bool {
    get { flags & 2 != 0 }
    set { flags = newValue ? flags | 2 : flags & ~2 }
  }
  /// What stands before it is more than a guess: a look-up came from there, or its prompt was looked up before it was stored.
  var isPlaced: Bool {
    get { flags & 8 != 0 }
    set { flags = newValue ? flags | 8 : flags & ~8 }
  }
  /// It may not go for a while.
  var isSetAside: Bool {
    get { flags & 4 != 0 }
    set { flags = newValue ? flags | 4 : flags & ~4 }
  }
  /// It has left, to a place from which it is had back: it stands for itself in the tree, is known, and cannot go.
  var isAway: Bool {
    get { flags & 16 != 0 }
    set { flags = newValue ? flags | 16 : flags & ~16 }
  }

  /// A chunk that stood before it went while its prompt was stored: without that one it is of no use.
  var isBehindGap: Bool {
    get { flags & 32 != 0 }
    set { flags = newValue ? flags | 32 : flags & ~32 }
  }

  /// Another one of its key was stored, and stands in its place.
  var isReplaced: Bool {
    get { flags & 64 != 0 }
    set { flags = newValue ? flags | 64 : flags & ~64 }
  }

  package init() {}
}

/// What a hash says of a chunk's rank: an engine of several ranks keeps a part of each chunk for each, under keys that differ in
/// the rank alone, and so do their hashes.
package struct RankBits: Sendable {
  private let mask: UInt64
  /// Set where there are several ranks.
  private let flag: UInt64

  package init(mask: UInt64 = 0, flag: UInt64 = 0) { (self.mask, self.flag) = (mask, flag) }

  func isRanked(_ hash: UInt64) -> Bool { hash & flag != 0 }
  /// What the parts of a chunk have in common.
  func group(_ hash: UInt64) -> UInt64 { isRanked(hash) ? hash & ~mask : hash }
  func rank(_ hash: UInt64) -> UInt64 { isRanked(hash) ? hash & mask : 0 }

  /// Where requests come in order: those of one rank do, also where several ranks share a connection or a host.
  func stream(_ stream: UInt16, of hash: UInt64) -> UInt16 {
    let rank = rank(hash)
    guard rank != 0 else { return stream }
    let mixed = (rank ^ UInt64(stream)) &* 0x9E37_79B9_7F4A_7C15 >> 32
    return UInt16(PolicyLimits.sources) + UInt16(mixed % UInt64(PolicyLimits.streams - PolicyLimits.sources))
  }
}

/// Where nodes lie: in memory of their own, or each in the record of its chunk.
package struct ChunkNodes: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let names: UnsafeRawPointer
  private let stride: Int
  let ranks: RankBits

  /// - Parameters:
  ///   - base: of the node that has the number 0, which is never used.
  ///   - names: the same of the hash of its key, behind which stands the stamp: another one whenever the node is used anew.
  package init(
    base: UnsafeMutableRawPointer, names: UnsafeRawPointer, stride: Int, ranks: RankBits = RankBits()
  ) {
    (self.base, self.names, self.stride, self.ranks) = (base, names, stride, ranks)
  }

  @inline(__always)
  func hash(of id: UInt32) -> UInt64 { (names + Int(id) * stride).loadUnaligned(as: UInt64.self) }

  @inline(__always)
  func stamp(of id: UInt32) -> UInt32 { (names + Int(id) * stride + 8).loadUnaligned(as: UInt32.self) }

  func ref(_ id: UInt32) -> ChunkRef { ChunkRef(id: id, stamp: stamp(of: id)) }

  /// What the chunks of all ranks have in common.
  func group(of id: UInt32) -> UInt64 { ranks.group(hash(of: id)) }

  func areOfOneRank(_ one: UInt32, _ other: UInt32) -> Bool {
    ranks.rank(hash(of: one)) == ranks.rank(hash(of: other))
  }

  func isCurrent(_ chunk: ChunkRef) -> Bool {
    chunk.id != 0 && self[chunk.id].pointee.isStored && stamp(of: chunk.id) == chunk.stamp
  }

  @inline(__always)
  subscript(id: UInt32) -> UnsafeMutablePointer<ChunkNode> {
    (base + Int(id) * stride).assumingMemoryBound(to: ChunkNode.self)
  }

  /// The chunk before it, if it is still stored; 0 is none.
  func parent(of id: UInt32) -> UInt32 {
    let node = self[id]
    let parent = node.pointee.parent
    return parent != 0 && self[parent].pointee.isStored && stamp(of: parent) == node.pointee.parentStamp
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

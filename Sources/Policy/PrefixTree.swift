/// The chunks that are stored, each behind the one before it in its prompt. Its clock counts their uses.
struct PrefixTree: Sendable {
  let nodes: ChunkNodes
  var learner = ReturnLearner()
  private(set) var gone = GoneChunks()
  private(set) var shadow = LastUseShadow()
  private(set) var trust = Trust()
  private var heirs = Heirs()
  var figures = PolicyFigures()
  private(set) var leaves: Leaves
  private(set) var count = 0
  private(set) var clock: UInt32 = 0
  /// The one that was used last.
  private(set) var newest: UInt32 = 0
  /// Of the ranks that were seen the lowest: its chunks are watched for all, since ranks come back together.
  private var watchedRank = UInt64.max

  init(nodes: ChunkNodes) {
    self.nodes = nodes
    leaves = Leaves(nodes)
  }

  /// A chunk was stored.
  mutating func enter(_ id: UInt32, units: Int, isFound: Bool = false) {
    precondition(!nodes[id].pointee.isStored, "a chunk is stored once")
    clock &+= 1
    var node = ChunkNode()
    let hash = nodes.hash(of: id)
    if nodes.ranks.isRanked(hash) { watchedRank = min(watchedRank, nodes.ranks.rank(hash)) }
    node.reuses = gone.take(hash).map(Self.next) ?? 0
    node.units = UInt16(clamping: max(units, 1))
    node.touchedAt = clock
    (node.isStored, node.isNew) = (true, true)
    nodes[id].pointee = node
    count += 1
    leaves.add(id)
    newest = id
    compare(id, isFound: isFound)
  }

  /// A chunk was stored over another one of its key, which has not gone yet: it takes that one's place, and is what it was. That is
  /// no return, since its client had not found it.
  mutating func enter(_ id: UInt32, units: Int, insteadOf old: UInt32) {
    enter(id, units: units, isFound: true)
    let (node, former) = (nodes[id], nodes[old].pointee)
    (node.pointee.reuses, node.pointee.chunkClass) = (former.reuses, former.chunkClass)
    (node.pointee.prompt, node.pointee.step, node.pointee.fetchesToCome) = (
      former.prompt, former.step, former.fetchesToCome
    )
    node.pointee.isPlaced = former.isPlaced
    nodes[old].pointee.isReplaced = true
    heirs.note(nodes.ref(id), of: nodes.ref(old))
    findParent(of: old)
    link(id, to: nodes.parent(of: old))
  }

  /// The chunk, or what took its place since.
  func current(_ chunk: ChunkRef) -> ChunkRef {
    var (chunk, steps) = (chunk, 0)
    while steps < Heirs.stepsMax, !nodes.isCurrent(chunk), let heir = heirs.find(of: chunk) {
      (chunk, steps) = (heir, steps + 1)
    }
    return chunk
  }

  /// Where the chunk before it was stored anew, it stands behind that one.
  mutating func findParent(of id: UInt32) {
    let node = nodes[id].pointee
    guard node.parent != 0, nodes.parent(of: id) == 0 else { return }
    let heir = current(ChunkRef(id: node.parent, stamp: node.parentStamp))
    if nodes.isCurrent(heir) { link(id, to: heir.id) }
  }

  /// With what the order of last use would have found.
  private mutating func compare(_ id: UInt32, isFound: Bool) {
    guard let wouldBeFound = shadow.note(nodes.hash(of: id), fitting: count) else { return }
    let weight = 1 << shadow.shift
    trust.note(isFound: isFound, wouldBeFound: wouldBeFound, weight: weight, fitting: count, at: clock)
    figures.noteSampled(isFound: isFound, wouldBeFound: wouldBeFound, weight: weight)
  }

  /// It is watched from now on, if it is one of the sample.
  mutating func watch(_ id: UInt32, distance: Int, isNew: Bool) {
    let (node, hash) = (nodes[id], nodes.hash(of: id))
    guard !nodes.ranks.isRanked(hash) || nodes.ranks.rank(hash) == watchedRank else { return }
    node.pointee.watchPlace = learner.watch(
      hash, node.pointee, distance: distance, isNew: isNew, at: clock, fitting: count)
  }

  /// What another process had learnt of chunks that are not stored here yet.
  mutating func remember(_ chunks: [Knowledge.Watched]) {
    for chunk in chunks { gone.note(chunk.hash, reuses: chunk.reuses, fitting: count) }
  }

  /// A prompt came by.
  mutating func use(_ id: UInt32) {
    let node = nodes[id]
    clock &+= 1
    figures.noteUse(reuses: node.pointee.reuses)
    learner.noteReturn(nodes.hash(of: id), watchedAt: node.pointee.watchPlace, at: clock, fitting: count)
    compare(id, isFound: true)
    node.pointee.touchedAt = clock
    node.pointee.reuses = Self.next(node.pointee.reuses)
    newest = id
  }

  static func next(_ reuses: UInt8) -> UInt8 { min(reuses, .max - 1) + 1 }

  /// A chunk has left to where it is had back from: what stands before it may go next, as if it had gone.
  mutating func stepAside(_ id: UInt32) {
    precondition(nodes[id].pointee.isStored && !nodes[id].pointee.isAway, "a chunk leaves once")
    leaves.remove(id)
    unlink(id)
    (nodes[id].pointee.isAway, nodes[id].pointee.isSetAside) = (true, true)
    count -= 1
  }

  /// It is back, with all that was known of it. One that another process had stored is new here.
  mutating func comeBack(_ id: UInt32, units: Int) {
    guard nodes[id].pointee.isStored else { return enter(id, units: units, isFound: true) }
    precondition(nodes[id].pointee.isAway, "a chunk comes back once")
    (nodes[id].pointee.isAway, nodes[id].pointee.isSetAside) = (false, false)
    count += 1
    offer(id)
  }

  /// A chunk has gone, whatever the cause.
  mutating func leave(_ id: UInt32) {
    let node = nodes[id]
    precondition(node.pointee.isStored, "a chunk goes once")
    if node.pointee.isReplaced {
      learner.forget(nodes.hash(of: id), watchedAt: node.pointee.watchPlace)
    } else {
      gone.note(nodes.hash(of: id), reuses: node.pointee.reuses, fitting: count)
    }
    if node.pointee.isAway {
      unlink(id)
      (node.pointee.isAway, node.pointee.isStored) = (false, false)
      return
    }
    let parent = nodes.parent(of: id)
    leaves.remove(id)
    unlink(id)
    node.pointee.isStored = false
    count -= 1
    if id == newest { newest = parent }
  }

  /// It may not go for now.
  mutating func setAside(_ id: UInt32) {
    nodes[id].pointee.isSetAside = true
    leaves.remove(id)
  }

  /// It may go again.
  mutating func restore(_ id: UInt32) {
    nodes[id].pointee.isSetAside = false
    offer(id)
  }

  private mutating func offer(_ id: UInt32) {
    if nodes[id].pointee.followers == 0, !nodes[id].pointee.isSetAside { leaves.add(id) }
  }

  /// Nothing stands before it.
  mutating func unlink(_ id: UInt32) {
    let parent = nodes.parent(of: id)
    nodes[id].pointee.parent = 0
    guard parent != 0 else { return }
    nodes[parent].pointee.followers -= 1
    offer(parent)
  }

  /// Moves a chunk, with all that follows it. False where that would make a ring of them, or may do so.
  @discardableResult
  mutating func link(_ id: UInt32, to parent: UInt32) -> Bool {
    guard parent != 0, nodes[parent].pointee.isStored else { return false }
    if nodes[id].pointee.followers > 0, mayPrecede(id, parent) { return false }
    guard id != parent else { return false }
    unlink(id)
    nodes[id].pointee.parent = parent
    nodes[id].pointee.parentStamp = nodes.stamp(of: parent)
    nodes[parent].pointee.followers += 1
    leaves.remove(parent)
    return true
  }

  private func mayPrecede(_ id: UInt32, _ other: UInt32) -> Bool {
    var ancestor = other
    for _ in 0..<PolicyLimits.promptWalkMax {
      guard ancestor != 0 else { return false }
      if ancestor == id { return true }
      ancestor = nodes.parent(of: ancestor)
    }
    return true
  }
}

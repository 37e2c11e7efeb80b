/// Chooses what goes by how likely it is to come back, which it learns from what did.
///
/// Only leaves of the tree of prefixes are chosen: a prefix loses its tail first, however prompts fork, because a chunk is of
/// use only with all those before it. Of the leaves, the one goes whose room brings the fewest hits. No lock, and no clock but
/// the touches of chunks.
package struct ReturnOrder: Sendable {
  private let nodes: ChunkNodes
  private var leaves: Leaves
  private var learner = ReturnLearner()
  private var table = ValueTable()
  private(set) var count = 0
  private var clock: UInt32 = 0
  private var candidates = Candidates()
  /// What went last, or its parent: the next to go while it is worth less than all that was looked at.
  private var following: UInt32 = 0
  private var newestTail: UInt32 = 0
  private var recent = RecentClock()
  /// What was touched within two seconds is spared, as far as it is no more than this share of all, or very little.
  private let sparedShare: Int
  private var random: UInt64

  package init(nodes: ChunkNodes, sparedShare: Int, seed: UInt64 = 1) {
    self.nodes = nodes
    self.sparedShare = sparedShare
    leaves = Leaves(nodes)
    random = seed
  }

  /// What it takes beside the nodes, at most: a place among the leaves, a watched chunk, two slots and a half to find it by; and
  /// once, the rates and values of classes.
  package static let bytesPerChunk = 48
  package static let tableBytes = 32 * 1024
  var bytes: Int { leaves.bytes + learner.bytes }

  /// The time, in quarters of a second.
  package mutating func note(quarter: UInt64) { recent.note(quarter: quarter, clock) }

  // MARK: What is stored

  /// A chunk was stored, behind another one of its prompt if `parent` is not 0. The stamp is another one whenever a node is
  /// used anew.
  package mutating func enter(_ id: UInt32, after parent: UInt32, units: Int, stamp: UInt16) {
    precondition(!nodes[id].pointee.isStored, "a chunk is stored once")
    clock &+= 1
    var node = ChunkNode()
    node.stamp = stamp
    node.units = UInt16(clamping: max(units, 1))
    node.touchedAt = clock
    (node.isStored, node.isNew) = (true, true)
    nodes[id].pointee = node
    count += 1
    leaves.add(id)
    link(id, to: parent)
    newestTail = id
  }

  /// A prompt came by a chunk that is stored. Where it begins with this one, nothing stands before it, whatever it followed when
  /// it was stored.
  package mutating func touch(_ id: UInt32, after parent: UInt32, isFirst: Bool = false) {
    let node = nodes[id]
    if isFirst { unlink(id) }
    clock &+= 1
    node.pointee.touchedAt = clock
    node.pointee.reuses = Self.next(node.pointee.reuses)
    // What others follow is not linked anew: the tree must stay one.
    if nodes.parent(of: id) == 0, node.pointee.followers == 0 { link(id, to: parent) }
    newestTail = id
  }

  /// A chunk has gone, whatever the cause.
  package mutating func leave(_ id: UInt32) {
    let node = nodes[id]
    precondition(node.pointee.isStored, "a chunk goes once")
    let parent = nodes.parent(of: id)
    leaves.remove(id)
    unlink(id)
    node.pointee.isStored = false
    count -= 1
    if id == following { following = parent }
    if id == newestTail { newestTail = parent }
  }

  /// It may not go for now.
  package mutating func setAside(_ id: UInt32) {
    nodes[id].pointee.isSetAside = true
    leaves.remove(id)
  }

  /// It may go again.
  package mutating func restore(_ id: UInt32) {
    nodes[id].pointee.isSetAside = false
    offer(id)
  }

  private mutating func offer(_ id: UInt32) {
    if nodes[id].pointee.followers == 0, !nodes[id].pointee.isSetAside { leaves.add(id) }
  }

  private mutating func unlink(_ id: UInt32) {
    let parent = nodes.parent(of: id)
    nodes[id].pointee.parent = 0
    guard parent != 0 else { return }
    nodes[parent].pointee.followers -= 1
    offer(parent)
  }

  private mutating func link(_ id: UInt32, to parent: UInt32) {
    guard parent != 0, parent != id, nodes[parent].pointee.isStored else { return }
    nodes[id].pointee.parent = parent
    nodes[id].pointee.parentStamp = nodes[parent].pointee.stamp
    nodes[parent].pointee.followers += 1
    leaves.remove(parent)
  }

  private static func next(_ reuses: UInt8) -> UInt8 { min(reuses, .max - 1) + 1 }

  // MARK: What goes

  /// The chunk to lose first; nil when all leaves are set aside. `oldest` is the one unused for longest, 0 if unknown.
  package mutating func victim(oldest: UInt32 = 0) -> UInt32? {
    guard leaves.count > 0 else { return nil }
    if isLeaf(following), let first = candidates.first, value(of: following) <= value(of: first) { return following }
    look(oldest)
    // Where all leaves are spared, what is unused for longest goes, leaf or not: in a chain without an end there is but one leaf,
    // and that is the newest.
    guard let least = candidates.first else { return oldest != 0 ? oldest : leaves[0] }
    candidates.removeFirst()
    following = least
    return least
  }

  /// The least valuable of those kept from the last look, the newest tail, some at random.
  private mutating func look(_ oldest: UInt32) {
    var found = Candidates()
    for index in 0..<candidates.count { consider(candidates[index], &found) }
    consider(following, &found)
    consider(newestTail, &found)
    consider(oldest, &found)
    for _ in 0..<Candidates.sampled {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      consider(leaves[Int((random >> 33) % UInt64(leaves.count))], &found)
    }
    found.cut()
    candidates = found
  }

  private func consider(_ id: UInt32, _ found: inout Candidates) {
    guard isLeaf(id), !isUnderWay(id), !isSpared(id) else { return }
    found.insert(id, value: value(of: id))
  }

  private func isLeaf(_ id: UInt32) -> Bool { id != 0 && nodes[id].pointee.isStored && nodes[id].pointee.leaf != 0 }

  /// Of a prompt that is not over: without its newest chunk, what comes next is of no use. Not for ever, since some end
  /// unnoticed.
  private func isUnderWay(_ id: UInt32) -> Bool {
    nodes[id].pointee.isNew && ticks(since: nodes[id].pointee.touchedAt) < 1
  }

  private func isSpared(_ id: UInt32) -> Bool {
    let age = clock &- nodes[id].pointee.touchedAt
    return age < UInt32(max(count / sparedShare, PolicyLimits.sparedMin)) && age < clock &- recent.before
  }

  private func value(of id: UInt32) -> Float {
    let node = nodes[id]
    return table.value(node.pointee.chunkClass, ticks: ticks(since: node.pointee.touchedAt)) / Float(node.pointee.units)
  }

  private func ticks(since touchedAt: UInt32) -> Float { learner.ticks(from: touchedAt, to: clock, fitting: count) }

  // MARK: What is learnt

  /// A prompt is over, of which this was the last chunk, and so many chunks were seen.
  package mutating func finish(_ tail: UInt32, length: Int, hash: (UInt32) -> UInt64) {
    guard nodes[tail].pointee.isStored else { return }
    let prompt = nodes.prompt(endingAt: tail, count: min(length, PolicyLimits.promptWalkMax))
    // The deepest chunk that was known before tells of those before it which had gone meanwhile.
    var known: UInt8?
    var new = 0
    for (id, _) in prompt {
      let node = nodes[id]
      if node.pointee.isNew {
        if known == nil { known = learner.reuses(of: hash(id)).map(Self.next) }
        node.pointee.reuses = known ?? 0
        if known == nil { new += 1 }
      } else if known == nil {
        known = node.pointee.reuses
      }
    }
    for (id, distance) in prompt {
      let node = nodes[id]
      node.pointee.isNew = false
      node.pointee.chunkClass = ChunkClass(
        reuses: Int(node.pointee.reuses), distance: distance, new: new, length: length)
      learner.see(hash(id), node.pointee, distance: distance, at: clock, fitting: count)
    }
    learner.prompts += 1
    learner.limit(to: count, at: clock)
  }

  /// Whether enough was seen since values were last worked out.
  package var isFitDue: Bool { learner.isFitDue }

  /// What was seen, to work out values from, which takes a while and needs no lock.
  package mutating func takeFindings() -> Returns { learner.takeFindings(at: clock, fitting: count) }

  package mutating func adopt(_ table: ValueTable) { self.table = table }
}

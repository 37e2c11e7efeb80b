/// Chooses what goes by how likely it is to come back, which it learns from what did.
///
/// Only leaves of the tree of prefixes are chosen: a prefix loses its tail first, however prompts fork, because a chunk is of
/// use only with all those before it. Of the leaves, the one goes whose room brings the fewest hits. No lock, and no clock but
/// the touches of chunks.
package struct ReturnOrder: Sendable {
  private var tree: PrefixTree
  private var prompts = PromptBook()
  private var table = ValueTable()
  private var candidates = Candidates()
  /// What went last, or its parent: the next to go while it is worth less than all that was looked at.
  private var following: UInt32 = 0
  private var recent = RecentClock()
  /// What was touched within two seconds is spared, as far as it is no more than this share of all, or very little.
  private let sparedShare: Int
  private var random: UInt64

  package init(nodes: ChunkNodes, sparedShare: Int, seed: UInt64 = 1) {
    self.sparedShare = sparedShare
    tree = PrefixTree(nodes: nodes)
    random = seed
  }

  private var nodes: ChunkNodes { tree.nodes }
  var count: Int { tree.count }

  /// What it takes beside the nodes, at most: a place among the leaves, a watched chunk, two slots and a half to find it by; and
  /// once, the rates and values of classes, and the prompts under way.
  package static let bytesPerChunk = 48
  package static let tableBytes = 32 * 1024 + PromptBook.bytes + LastUseShadow.bytes
  var bytes: Int { tree.leaves.bytes + tree.learner.bytes }

  /// The time, in tenths of a second.
  package mutating func note(tenths: UInt32) {
    recent.note(tenths: tenths, tree.clock)
    prompts.endIdle(now: tenths)
    learnFromEnded()
  }

  // MARK: What is stored

  /// A chunk was stored.
  package mutating func enter(
    _ id: UInt32, units: Int, stream: UInt16, at tenths: UInt32, replacesOther: Bool = false
  ) {
    tree.enter(id, units: units, replacesOther: replacesOther)
    prompts.store(id, source(stream, nodes.hash(of: id), tenths), &tree)
    learnFromEnded()
  }

  /// A chunk has left to where it is had back from.
  package mutating func stepAside(_ id: UInt32) {
    if id == following { following = nodes.parent(of: id) }
    tree.stepAside(id)
  }

  package mutating func comeBack(_ id: UInt32, units: Int) { tree.comeBack(id, units: units) }

  /// One that was away has gone.
  package mutating func leaveAway(_ id: UInt32) { if nodes[id].pointee.isStored { leave(id) } }

  package func hasComeBack(_ id: UInt32) -> Bool { nodes[id].pointee.reuses > 0 }

  /// A client came by a chunk that is stored.
  package mutating func touch(_ id: UInt32, _ step: PromptStep, stream: UInt16, at tenths: UInt32) {
    prompts.touch(id, step, source(stream, nodes.hash(of: id), tenths), &tree)
    learnFromEnded()
  }

  /// A client looked for a chunk that is not stored, whose key has this hash.
  package mutating func miss(_ hash: UInt64, stream: UInt16, at tenths: UInt32) {
    prompts.miss(nodes.ranks.group(hash), source(stream, hash, tenths), nodes)
  }

  private func source(_ stream: UInt16, _ hash: UInt64, _ tenths: UInt32) -> PromptBook.Source {
    PromptBook.Source(stream: nodes.ranks.stream(stream, of: hash), now: tenths)
  }

  /// A chunk has gone, whatever the cause.
  package mutating func leave(_ id: UInt32) {
    if id == following { following = nodes.parent(of: id) }
    tree.leave(id)
  }

  /// It may not go for now.
  package mutating func setAside(_ id: UInt32) { tree.setAside(id) }

  /// It may go again.
  package mutating func restore(_ id: UInt32) { tree.restore(id) }

  // MARK: What goes

  /// The chunk to lose first; nil where none is known, since all leaves are set aside or spared. `oldest` is one unused for
  /// long, 0 if unknown.
  package mutating func victim(oldest: UInt32 = 0) -> UInt32? {
    guard tree.leaves.count > 0, !tree.trust.isLost, !prompts.areMixed else { return nil }
    if isLeaf(following), let first = candidates.first, value(of: following) <= value(of: first) { return following }
    look(oldest)
    guard let least = candidates.first else { return nil }
    candidates.removeFirst()
    following = least
    return least
  }

  /// The least valuable of those kept from the last look, the newest tail, some at random.
  private mutating func look(_ oldest: UInt32) {
    var found = Candidates()
    for index in 0..<candidates.count { consider(candidates[index], &found) }
    consider(following, &found)
    consider(tree.newest, &found)
    consider(oldest, &found)
    for _ in 0..<Candidates.sampled {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      consider(tree.leaves[Int((random >> 33) % UInt64(tree.leaves.count))], &found)
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
    let age = tree.clock &- nodes[id].pointee.touchedAt
    return age < UInt32(max(count / sparedShare, PolicyLimits.sparedMin)) && age < tree.clock &- recent.before
  }

  private func value(of id: UInt32) -> Float {
    let node = nodes[id]
    return table.value(node.pointee.chunkClass, ticks: ticks(since: node.pointee.touchedAt)) / Float(node.pointee.units)
  }

  private func ticks(since touchedAt: UInt32) -> Float {
    tree.learner.ticks(from: touchedAt, to: tree.clock, fitting: count)
  }

  /// It goes because room is needed.
  package mutating func noteEviction(_ id: UInt32) {
    let node = nodes[id].pointee
    let turnovers = ticks(since: node.touchedAt) / Float(AgeBin.ticksPerTurnover)
    tree.figures.noteEviction(reuses: node.reuses, turnovers: turnovers)
  }

  package var figures: PolicyFigures {
    var figures = tree.figures
    (figures.isTrusted, figures.areMixed) = (!tree.trust.isLost && !prompts.areMixed, prompts.areMixed)
    figures.curve = (1...8).map { tree.shadow.share(room: 4 * $0) }
    return figures
  }

  // MARK: What is learnt

  private mutating func learnFromEnded() {
    prompts.judgeQuiet(at: tree.clock, touches: max(1, count / AgeBin.ticksPerTurnover))
    while let prompt = prompts.takeEnded() {
      if prompt.isOver { tree.figures.noteEnd(prompt) }
      if !prompt.isJudged, nodes.isCurrent(prompt.tail) { finish(prompt.tail.id, length: prompt.length) }
    }
  }

  /// A prompt is over, of which this was the last chunk, and so many chunks were seen.
  private mutating func finish(_ tail: UInt32, length: Int) {
    let prompt = nodes.prompt(endingAt: tail, count: min(length, PolicyLimits.promptWalkMax))
    // The deepest chunk that was known before tells of those before it which had gone meanwhile.
    var known: UInt8?
    var new = 0
    for (id, _) in prompt {
      let node = nodes[id]
      if node.pointee.isNew {
        if known == nil { known = tree.learner.reuses(of: nodes.hash(of: id)).map(PrefixTree.next) }
        node.pointee.reuses = known ?? 0
        if known == nil { new += 1 }
      } else if known == nil {
        known = node.pointee.reuses
      }
    }
    for (id, distance) in prompt {
      let node = nodes[id]
      let isNew = node.pointee.isNew
      node.pointee.isNew = false
      node.pointee.chunkClass = ChunkClass(
        reuses: Int(node.pointee.reuses), distance: distance, new: new, length: length)
      tree.watch(id, distance: distance, isNew: isNew)
    }
    tree.learner.prompts += 1
    tree.learner.limit(to: count, at: tree.clock)
  }

  /// Whether enough was seen since values were last worked out.
  package var isFitDue: Bool { tree.learner.isFitDue }

  /// What was seen, to work out values from, which takes a while and needs no lock.
  package mutating func takeFindings() -> Returns { tree.learner.takeFindings(at: tree.clock, fitting: count) }

  package func knowledge(seed: UInt64) -> Knowledge { tree.learner.knowledge(seed: seed, at: tree.clock) }

  /// Goes on from what another process had learnt. No more chunks are watched than are stored here, since they are booked with
  /// those.
  package mutating func adopt(_ knowledge: Knowledge, seed: UInt64) {
    tree.learner.adopt(knowledge, seed: seed, at: tree.clock, room: count)
    table = ValueTable(tree.learner.takeFindings(at: tree.clock, fitting: count))
  }

  package mutating func adopt(_ table: ValueTable) { self.table = table }
}

/// Chooses what goes by how likely it is to come back, which it learns from what did.
///
/// Only leaves of the tree of prefixes are chosen: a prefix loses its tail first, however prompts fork, because a chunk is of
/// use only with all those before it. Of the leaves, the one goes whose room brings the fewest hits, or the longest unused
/// where that is worth little more. No lock, and no clock but the touches of chunks.
package struct ReturnOrder: Sendable {
  private var tree: PrefixTree
  private var prompts = PromptBook()
  private var table = ValueTable()
  private var candidates = Candidates()
  /// What went last, or its parent: the next to go while it is worth less than all that was looked at.
  private var following: UInt32 = 0
  /// What went last was the longest unused, and not the least valuable by much.
  private var goesByAge = false
  private var grace = Grace()
  /// What was stored or fetched is spared for two seconds, as far as it is no more than this share of all, or very little.
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
  package static let tableBytes =
    32 * 1024 + PromptBook.bytes + Heirs.bytes + LastUseShadow.bytes + GoneChunks.bytesMin + Monitor.bytesMin
  var bytes: Int { tree.leaves.bytes + tree.learner.bytes + tree.gone.bytes }

  /// The time, in tenths of a second.
  package mutating func note(tenths: UInt32) {
    grace.note(tenths: tenths, tree.clock)
    prompts.endIdle(now: tenths)
    learnFromEnded()
  }

  // MARK: What is stored

  /// A chunk was stored, over `old` if that is not 0, which leaves afterwards.
  package mutating func enter(_ id: UInt32, insteadOf old: UInt32 = 0, units: Int, stream: UInt16, at tenths: UInt32) {
    if old != 0, nodes[old].pointee.isStored {
      tree.enter(id, units: units, insteadOf: old)
      prompts.replace(old, with: id, nodes)
    } else {
      tree.enter(id, units: units)
    }
    prompts.store(id, source(stream, nodes.hash(of: id), tenths), &tree)
    if nodes[id].pointee.isBehindGap { candidates.insertFirst(id) } else { spare(id) }
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
    let wasSpared = isSpared(id)
    prompts.touch(id, step, source(stream, nodes.hash(of: id), tenths), &tree)
    nodes[id].pointee.isBehindGap = false
    if !wasSpared {
      nodes[id].pointee.sparedSince = 0
      if step == .fetch { spare(id) }
    }
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

  /// The chunk to lose first; nil where none is known, since all leaves are set aside or spared. `oldest` is the longest
  /// unused, 0 if unknown.
  package mutating func victim(oldest: UInt32 = 0) -> UInt32? {
    guard tree.leaves.count > 0, !tree.trust.isLost, !prompts.areMixed else { return nil }
    if let first = candidates.first, isLeaf(first), nodes[first].pointee.isBehindGap {
      candidates.removeFirst()
      return first
    }
    if followingIsLeast { return following }
    look(oldest)
    guard let least = candidates.first else { return nil }
    goesByAge =
      oldest != least && isLeaf(oldest) && mayGo(oldest)
      && value(of: oldest) <= PolicyLimits.doubt * value(of: least)
    if goesByAge {
      following = oldest
    } else {
      candidates.removeFirst()
      following = least
    }
    return following
  }

  private var followingIsLeast: Bool {
    guard isLeaf(following), mayGo(following), let first = candidates.first else { return false }
    let value = value(of: following) / (goesByAge ? PolicyLimits.doubt : 1)
    guard value <= self.value(of: first) else { return false }
    return !isLeaf(tree.newest) || !mayGo(tree.newest) || value <= self.value(of: tree.newest)
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
    guard isLeaf(id), mayGo(id) else { return }
    found.insert(id, value: value(of: id))
  }

  private func isLeaf(_ id: UInt32) -> Bool { id != 0 && nodes[id].pointee.isStored && nodes[id].pointee.leaf != 0 }

  private func mayGo(_ id: UInt32) -> Bool { !isSpared(id) && !isUnderWay(id) }

  /// Of a prompt that is being stored: without its newest chunk, what comes next is of no use. Not for ever, since some end
  /// unnoticed; and not where it is known to be long, if it was looked up before: otherwise what comes next may be another one.
  private func isUnderWay(_ id: UInt32) -> Bool {
    let node = nodes[id]
    guard ticks(since: node.pointee.touchedAt) < 1 else { return false }
    guard let prompt = storingPrompt(of: id) else { return node.pointee.isNew }
    return !prompt.isLookedUp || prompt.length - prompt.found < PolicyLimits.underWayMin
  }

  /// The prompt that is being stored, if this is its newest chunk. It may have seemed to be over, and have been judged.
  private func storingPrompt(of id: UInt32) -> OpenPrompt? {
    guard let prompt = prompts.underWay(nodes[id].pointee.prompt), prompt.step == .store,
      nodes[id].pointee.isNew || prompt.tail.id == id
    else { return nil }
    return prompt
  }

  private func isSpared(_ id: UInt32) -> Bool {
    let node = nodes[id]
    guard tree.clock &- node.pointee.touchedAt <= UInt32(count / PolicyLimits.sparedTurnoverShare) else { return false }
    return grace.isSpared(since: node.pointee.sparedSince, touchedAt: node.pointee.touchedAt, at: tree.clock)
  }

  /// For two seconds from now, or a quarter of a turn-over if that is shorter, whatever comes meanwhile. What comes when as many
  /// are spared as may be is not; nor what stands behind that, since a leaf keeps all that stands before it.
  private mutating func spare(_ id: UInt32) {
    let parent = nodes.parent(of: id)
    guard grace.granted < max(count / sparedShare, PolicyLimits.sparedMin), parent == 0 || isSpared(parent) else {
      return
    }
    nodes[id].pointee.sparedSince = grace.grant()
  }

  private func value(of id: UInt32) -> Float {
    let node = nodes[id]
    guard !node.pointee.isBehindGap else { return 0 }
    let age = ticks(since: node.pointee.touchedAt)
    let value = storingPrompt(of: id).map {
      PolicyLimits.underWayFactor * table.value(Self.chunkClass(of: node.pointee, in: $0), ticks: age)
    }
    return (value ?? table.value(node.pointee.chunkClass, ticks: age)) / Float(node.pointee.units)
  }

  /// Of a chunk whose prompt is not over, as if it were over soon.
  private static func chunkClass(of node: ChunkNode, in prompt: OpenPrompt) -> ChunkClass {
    ChunkClass(
      reuses: Int(node.reuses), distance: ChunkClass.distanceCount - 1, new: Int(prompt.new),
      length: Int(prompt.length))
  }

  private func ticks(since touchedAt: UInt32) -> Float {
    tree.learner.ticks(from: touchedAt, to: tree.clock, fitting: count)
  }

  /// It goes because room is needed: for good, or to where it is had back from.
  package mutating func noteEviction(_ id: UInt32, isGone: Bool) {
    if isGone { lose(id) }
    let node = nodes[id].pointee
    let turnovers = ticks(since: node.touchedAt) / Float(AgeBin.ticksPerTurnover)
    tree.figures.noteEviction(reuses: node.reuses, turnovers: turnovers)
  }

  package var figures: PolicyFigures {
    var figures = tree.figures
    (figures.isTrusted, figures.areMixed) = (!tree.trust.isLost && !prompts.areMixed, prompts.areMixed)
    figures.areAlike = table.areAlike
    figures.curve = (1...8).map { tree.shadow.share(room: 4 * $0) }
    return figures
  }

  // MARK: What is learnt

  private mutating func learnFromEnded() {
    prompts.judgeQuiet(at: tree.clock, touches: max(1, count / AgeBin.ticksPerTurnover))
    while let prompt = prompts.takeEnded() {
      if prompt.isOver { tree.figures.noteEnd(prompt) }
      if !prompt.isJudged { finish(prompt) }
    }
  }

  /// A prompt is over, or seems to be: its chunks are put into classes, those behind a gap as far as they are here.
  private mutating func finish(_ prompt: EndedPrompts.Prompt) {
    if prompt.gap > 0, nodes.isCurrent(prompt.tail) { classify(prompt.tail.id, distance: 0, of: prompt) }
    guard nodes.isCurrent(prompt.kept) else { return }
    var known: UInt8 = 0
    for (id, distance) in nodes.prompt(
      endingAt: prompt.kept.id, count: min(prompt.length - prompt.gap, PolicyLimits.promptWalkMax))
    {
      let node = nodes[id]
      // What is behind it was seen before, and so it was too, though that is not known any more.
      if node.pointee.isNew, node.pointee.reuses == 0 { node.pointee.reuses = known }
      known = node.pointee.reuses
      classify(id, distance: distance + prompt.gap, of: prompt)
    }
    tree.learner.prompts += 1
    tree.learner.limit(to: count, at: tree.clock)
  }

  private mutating func classify(_ id: UInt32, distance: Int, of prompt: EndedPrompts.Prompt) {
    let node = nodes[id]
    let isNew = node.pointee.isNew
    node.pointee.isNew = false
    node.pointee.chunkClass = ChunkClass(
      reuses: Int(node.pointee.reuses), distance: distance, new: prompt.new, length: prompt.length)
    tree.watch(id, distance: distance, isNew: isNew)
  }

  /// A chunk goes whose prompt may still be under way. Of those that go because they stand behind a gap some are watched, as of
  /// those that are kept until the prompt is over.
  private mutating func lose(_ id: UInt32) {
    prompts.noteEviction(id, nodes)
    guard nodes[id].pointee.isNew, let prompt = prompts.underWay(nodes[id].pointee.prompt), prompt.gap > 0,
      Int(prompt.length) % PolicyLimits.watchedStep == 0
    else { return }
    nodes[id].pointee.chunkClass = Self.chunkClass(of: nodes[id].pointee, in: prompt)
    tree.watch(id, distance: PolicyLimits.watchedStep, isNew: true)
  }

  /// Whether enough was seen since values were last worked out.
  package var isFitDue: Bool { tree.learner.isFitDue }

  /// What was seen, to work out values from, which takes a while and needs no lock.
  package mutating func takeFindings() -> Returns { tree.learner.takeFindings(at: tree.clock, fitting: count) }

  package func knowledge(seed: UInt64) -> Knowledge { tree.learner.knowledge(seed: seed, at: tree.clock) }

  /// Goes on from what another process had learnt. No more chunks are watched than are booked here.
  package mutating func adopt(_ knowledge: Knowledge, seed: UInt64) {
    tree.learner.adopt(knowledge, seed: seed, at: tree.clock, room: ReturnLearner.watchedMax(fitting: count))
    if knowledge.seed == seed { tree.remember(knowledge.watched) }
    table = ValueTable(tree.learner.takeFindings(at: tree.clock, fitting: count))
  }

  package mutating func adopt(_ table: ValueTable) { self.table = table }
}

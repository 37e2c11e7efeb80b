/// Finds out which prompt a request is of.
///
/// A client looks a prompt up from the front, fetches what is there, stores the rest, and says nowhere where one ends and the next
/// begins. It may have several under way on one connection, look up on one connection and fetch on another, and look up the
/// chunks of one rank for all. So a chunk is followed by what is known of it: which prompt came by last and how far that is, which
/// chunk stands before it, and, where it is stored, which look-up had not found it.
struct PromptBook: Sendable {
  var open = OpenPrompts()
  private var misses = MissTable()
  private var mixture = Mixture()
  var askers = Askers()
  private(set) var ended = EndedPrompts()

  var areMixed: Bool { mixture.isGreat }

  static let bytes = OpenPrompts.bytes + MissTable.bytes + Mixture.bytes + Askers.bytes

  /// Where a request comes from, and when in tenths of a second.
  struct Source: Sendable {
    var stream: UInt16
    var now: UInt32
  }

  /// A prompt that is not over.
  func underWay(_ ref: PromptRef) -> OpenPrompt? { open.slot(of: ref).map { open[$0] } }

  // MARK: Requests

  /// A chunk that is stored was asked for or fetched.
  mutating func touch(_ id: UInt32, _ step: PromptStep, _ source: Source, _ tree: inout PrefixTree) {
    if step == .ask, isSeenAgain(id, source, tree.nodes) { return }
    mixture.noteRead(on: source.stream)
    tree.findParent(of: id)
    if goesOn(withItsOwn: id, step, source, &tree) { return }
    if goesOn(behind: id, step, source, &tree) { return }
    if step == .ask, forks(at: id, source, &tree) { return }
    let slot = begin(step, source)
    // Looked up from here on: nothing stands before it, whatever it followed when it was stored. Unless that is known better: some
    // ask for a chunk by itself.
    if step == .ask, !tree.nodes[id].pointee.isPlaced { tree.unlink(id) }
    take(id, as: step, in: slot, source, &tree)
  }

  /// A chunk has been stored, and stands in the tree by itself.
  mutating func store(_ id: UInt32, _ source: Source, _ tree: inout PrefixTree) {
    let nodes = tree.nodes
    let miss = misses.find(nodes.group(of: id))
    mixture.noteStore(on: source.stream, isKnown: miss != nil)
    let slot = miss.map { prompt(thatMissed: $0, id, source, nodes) } ?? storing(source.stream)
    if miss != nil, let slot, let asker = open[slot].lookedUpOn { askers.note(asker, for: source.stream) }
    guard let slot else {
      let slot = begin(.store, source)
      if let miss, nodes.isCurrent(miss.parent), nodes.areOfOneRank(id, miss.parent.id) {
        tree.link(id, to: miss.parent.id)
      }
      open[slot].isLookedUp = miss != nil
      return take(id, as: .store, in: slot, source, &tree)
    }
    // One of its own that is stored once more stays where it is.
    if nodes[id].pointee.prompt != open.ref(slot) {
      let tail = tree.current(open[slot].tail)
      if open[slot].gap > 0 {
        nodes[id].pointee.isBehindGap = true
      } else if nodes.isCurrent(tail) {
        tree.link(id, to: tail.id)
      }
      // Of the chunk that was missed itself it is not sure: all of another prompt may have been found directly before it.
      nodes[id].pointee.isPlaced = miss == nil && open[slot].isLookedUp
    }
    if miss != nil { open[slot].isLookedUp = true }
    take(id, as: .store, in: slot, source, &tree)
  }

  /// A chunk was stored over another one of its key: the prompt that came by last goes on from there.
  mutating func replace(_ old: UInt32, with id: UInt32, _ nodes: ChunkNodes) {
    guard let slot = open.slot(of: nodes[id].pointee.prompt) else { return }
    open[slot].replace(nodes.ref(old), with: nodes.ref(id))
  }

  /// A look-up did not find a chunk.
  mutating func miss(_ group: UInt64, _ source: Source, _ nodes: ChunkNodes) {
    var miss = MissTable.Miss(group: group)
    mixture.noteRead(on: source.stream)
    if let slot = open.last(of: source.stream, where: { $0.step == .ask && $0.isWalking }) {
      (open[slot].isWalking, open[slot].hasMissed) = (false, true)
      let last = open[slot].last
      if nodes.isCurrent(last) {
        (miss.parent, miss.parentGroup, miss.prompt) = (last, nodes.group(of: last.id), open.ref(slot))
      }
    }
    misses.note(miss)
  }

  // MARK: New chunks

  private func prompt(
    thatMissed miss: MissTable.Miss, _ id: UInt32, _ source: Source, _ nodes: ChunkNodes
  ) -> UInt16? {
    guard miss.parentGroup != 0 else { return nil }
    func isBehind(_ prompt: OpenPrompt) -> Bool {
      prompt.length < PolicyLimits.promptChunksMax && nodes.isCurrent(prompt.tail)
        && nodes.group(of: prompt.tail.id) == miss.parentGroup
        && nodes.areOfOneRank(id, prompt.tail.id)
    }
    let last = open.slot(of: miss.prompt).flatMap { isBehind(open[$0]) ? $0 : nil }
    if let last, isOwn(open[last], source.stream) { return last }
    // Another client has missed it since.
    func isOwnBehind(_ prompt: OpenPrompt) -> Bool { prompt.hasMissed && isBehind(prompt) }
    return open.last(of: source.stream, where: isOwnBehind)
      ?? askers.asker(for: source.stream).flatMap { open.last(of: $0, where: isOwnBehind) }
      ?? last ?? open.last(of: source.stream, where: isBehind)
  }

  /// Who goes on storing: the last one that did.
  private func storing(_ stream: UInt16) -> UInt16? {
    open.last(of: stream) { $0.step == .store && $0.length < PolicyLimits.promptChunksMax }
      ?? open.last(of: stream) { $0.length < PolicyLimits.promptChunksMax }.flatMap {
        open[$0].step == .fetch || open[$0].hasMissed ? $0 : nil
      }
  }

  // MARK: Prompts

  mutating func take(
    _ id: UInt32, as step: PromptStep, in slot: UInt16, _ source: Source, _ tree: inout PrefixTree
  ) {
    let node = tree.nodes[id]
    let ref = open.ref(slot)
    // What is looked up for stays where its look-up came from.
    let stream = step == .ask && open[slot].length > 0 ? open[slot].stream : source.stream
    if open[slot].stream != stream { settle(stream) }
    open.use(slot, on: stream, at: tree.clock, tenths: source.now)
    var prompt = open[slot]
    if prompt.length == 0 { prompt.begunAt = tree.clock }
    prompt.last = tree.nodes.ref(id)
    prompt.step = max(prompt.step, step)
    prompt.isWalking = step == .ask
    if step == .ask { prompt.lookedUpOn = source.stream }
    if step == .fetch { prompt.fetched = prompt.last }
    prompt.isSeenAgain = false
    if node.pointee.prompt != ref {
      if step != .store {
        tree.use(id)
        prompt.found += 1
      }
      prompt.new = node.pointee.reuses == 0 ? prompt.new + 1 : 0
      if prompt.gap > 0 { prompt.gap += 1 }
      prompt.tail = prompt.last
      prompt.isJudged = false
      prompt.length += 1
      // Who asked before on the same stream has not fetched yet.
      let isAwaited =
        step == .ask && node.pointee.step == .ask
        && open.slot(of: node.pointee.prompt).map { open[$0].stream == source.stream } == true
      node.pointee.fetchesToCome = isAwaited ? PrefixTree.next(node.pointee.fetchesToCome) : 0
      node.pointee.prompt = ref
    }
    node.pointee.step = step
    open[slot] = prompt
  }

  mutating func begin(_ step: PromptStep, _ source: Source) -> UInt16 {
    settle(source.stream)
    // What came last is most likely over, if it came this far.
    if let last = open.newest, open[last].step == .store { judge(last) }
    if open.count(of: source.stream) >= PolicyLimits.streamPromptsMax, let oldest = open.oldest(of: source.stream) {
      end(oldest)
    }
    if open.isFull, let oldest = open.oldest { end(oldest) }
    return open.open(on: source.stream, step: step)
  }

  /// Another prompt is under way on the stream: the one that was fetched or stored before is over.
  mutating func settle(_ stream: UInt16) {
    if let over = open.last(of: stream, where: { $0.step >= .fetch }) { end(over) }
  }

  private mutating func end(_ slot: UInt16) {
    ended.add(open[slot], isOver: true)
    open.close(slot)
  }

  /// Ends one that nothing was heard of for a while.
  mutating func endIdle(now: UInt32) {
    if let slot = open.idle(now: now, tenths: PolicyLimits.promptTenths) { end(slot) }
  }

  /// One of which nothing was heard for so many touches of chunks may be over: what it tells is learnt already. If it goes on, it
  /// will be learnt anew.
  mutating func judgeQuiet(at clock: UInt32, touches: Int) {
    if let slot = open.quiet(at: clock, touches: touches) { judge(slot) }
  }

  private mutating func judge(_ slot: UInt16) {
    guard !open[slot].isJudged else { return }
    ended.add(open[slot], isOver: false)
    open[slot].isJudged = true
  }

  /// The last chunk of a prompt goes while the prompt is stored, or the last that was kept of it: what follows is of no use. Not
  /// where it was not looked up before: another prompt may follow, of which this says nothing.
  mutating func noteEviction(_ id: UInt32, _ nodes: ChunkNodes) {
    guard let slot = open.slot(of: nodes[id].pointee.prompt), open[slot].step == .store, open[slot].isLookedUp else {
      return
    }
    guard (open[slot].gap == 0 ? open[slot].tail : open[slot].kept) == nodes.ref(id) else { return }
    open[slot].gap += 1
    let parent = nodes.parent(of: id)
    open[slot].kept = parent == 0 ? ChunkRef() : nodes.ref(parent)
  }

  mutating func takeEnded() -> EndedPrompts.Prompt? { ended.take() }
}

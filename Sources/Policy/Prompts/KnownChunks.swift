/// Which prompt a client is at that asks for a chunk that is stored, or fetches it.
extension PromptBook {
  /// A client looks whether what it has just stored is there, and goes on storing: no use, and no other prompt.
  mutating func isSeenAgain(_ id: UInt32, _ source: Source, _ nodes: ChunkNodes) -> Bool {
    guard let slot = open.slot(of: nodes[id].pointee.prompt), open[slot].step == .store, open[slot].last.id == id,
      open[slot].stream == source.stream, !open[slot].isSeenAgain
    else { return false }
    open[slot].isSeenAgain = true
    return true
  }

  /// The prompt that came by last is still under way: it fetches what it asked for, or asks once more since it still waits.
  mutating func goesOn(
    withItsOwn id: UInt32, _ step: PromptStep, _ source: Source, _ tree: inout PrefixTree
  ) -> Bool {
    let node = tree.nodes[id]
    let last = open.slot(of: node.pointee.prompt)
    if step == .fetch, !(last.map { isOwn(open[$0], source.stream) } ?? false) {
      if fetchesWhatItLookedUp(id, source, tree.nodes, at: tree.clock) { return true }
      // This client asked for it too, and another one has come by since.
      if last.map({ isOthers(open[$0], source.stream) }) ?? false { return true }
    }
    guard let slot = last else { return false }
    // Asked for by several, and fetched by one of them.
    if step == .fetch, node.pointee.fetchesToCome > 0 {
      node.pointee.fetchesToCome -= 1
      return true
    }
    let prompt = open[slot]
    let isRepeated = prompt.last.id == id && step == node.pointee.step && prompt.stream == source.stream
    if step > node.pointee.step || isRepeated && step != .ask {
      // What one client alone asked for is fetched by that one.
      if step == .fetch, let asker = prompt.lookedUpOn { askers.note(asker, for: source.stream) }
      take(id, as: step, in: slot, source, &tree)
      return true
    }
    guard step == .ask, prompt.step == .ask, prompt.stream == source.stream else { return false }
    take(id, as: step, in: slot, source, &tree)
    return true
  }

  /// Whether it was looked up by the client whose requests come on this stream, as far as that is known.
  func isOwn(_ prompt: OpenPrompt, _ stream: UInt16) -> Bool {
    guard let asker = prompt.lookedUpOn else { return false }
    return asker == stream || asker == askers.asker(for: stream)
  }

  /// Whether another client looked it up than the one whose requests come on this stream, as far as both are known.
  private func isOthers(_ prompt: OpenPrompt, _ stream: UInt16) -> Bool {
    guard let asker = prompt.lookedUpOn, askers.asker(for: stream) != nil else { return false }
    return askers.isOfOther(asker, than: stream)
  }

  /// A prompt goes on being fetched by the client that looked it up, though another one asked for the same chunk meanwhile.
  private mutating func fetchesWhatItLookedUp(
    _ id: UInt32, _ source: Source, _ nodes: ChunkNodes, at clock: UInt32
  ) -> Bool {
    let parent = nodes.parent(of: id)
    let before = parent == 0 ? ChunkRef() : nodes.ref(parent)
    let touchedAt = nodes[id].pointee.touchedAt
    func isNext(_ prompt: OpenPrompt) -> Bool {
      // What was not touched since it began is not of it.
      prompt.step < .store && prompt.fetched == before && isOwn(prompt, source.stream)
        && Int32(bitPattern: touchedAt &- prompt.begunAt) >= 0
    }
    let asker = askers.asker(for: source.stream)
    guard let own = open.last(of: source.stream, where: isNext) ?? asker.flatMap({ open.last(of: $0, where: isNext) })
    else {
      return false
    }
    if open[own].stream != source.stream {
      settle(source.stream)
      open.use(own, on: source.stream, at: clock, tenths: source.now)
    }
    (open[own].fetched, open[own].step) = (nodes.ref(id), .fetch)
    return true
  }

  /// The next chunk of the prompt that is at the one before it.
  mutating func goesOn(
    behind id: UInt32, _ step: PromptStep, _ source: Source, _ tree: inout PrefixTree
  ) -> Bool {
    let parent = tree.nodes.parent(of: id)
    guard parent != 0 else { return false }
    if step == .ask {
      // Where its look-up went on otherwise, or ended, this one is of another prompt. Others may have asked for the same meanwhile.
      guard
        let slot = open.last(
          of: source.stream,
          where: { $0.isAt(parent) && $0.step == .ask && $0.tail == $0.last && !$0.hasMissed })
      else { return false }
      tree.nodes[id].pointee.isPlaced = true
      take(id, as: step, in: slot, source, &tree)
      return true
    }
    func mayGoOn(_ prompt: OpenPrompt) -> Bool { prompt.isAt(parent) && prompt.step <= step }
    let other = open.slot(of: tree.nodes[parent].pointee.prompt)
    guard
      let slot = open.last(of: source.stream, where: mayGoOn)
        ?? other.flatMap({ mayGoOn(open[$0]) && !isOthers(open[$0], source.stream) ? $0 : nil })
    else { return false }
    take(id, as: step, in: slot, source, &tree)
    return true
  }

  /// Another prompt begins as one that is looked up too: what they share is used twice.
  mutating func forks(at id: UInt32, _ source: Source, _ tree: inout PrefixTree) -> Bool {
    let parent = tree.nodes.parent(of: id)
    guard parent != 0, let known = open.slot(of: tree.nodes[parent].pointee.prompt), open[known].step == .ask,
      open[known].stream == source.stream
    else { return false }
    let slot = begin(.ask, source)
    for (shared, _) in tree.nodes.prompt(endingAt: parent, count: PolicyLimits.forkWalkMax) {
      take(shared, as: .ask, in: slot, source, &tree)
    }
    tree.nodes[id].pointee.isPlaced = true
    take(id, as: .ask, in: slot, source, &tree)
    return true
  }
}

import Testing

@testable import Policy

/// Chunks by name, a book that follows them, and what it says of the prompts that are over.
final class PromptHarness {
  /// A prompt that is over: its chunks as the tree has them, and how many were counted.
  struct Ended: Equatable {
    var chunks: [String]
    var length: Int
  }

  let memory: ChunkMemory
  private(set) var tree: PrefixTree
  private(set) var book = PromptBook()
  private(set) var ended: [Ended] = []
  private var ids: [String: UInt32] = [:]
  private var names: [UInt32: String] = [:]
  private var free: [UInt32]
  private var now: UInt32 = 10

  init(capacity: Int = 200) {
    memory = ChunkMemory(capacity: capacity)
    tree = PrefixTree(nodes: memory.nodes)
    free = Array(memory.all.reversed())
  }

  // MARK: Chunks

  func isStored(_ name: String) -> Bool { ids[name] != nil }
  var stored: [String] { ids.keys.sorted() }

  /// Nil where nothing stands before it.
  func parent(of name: String) -> String? { names[tree.nodes.parent(of: ids[name]!)] }

  func parents(of chunks: [String]) -> [String?] { chunks.map(parent) }

  func isLeaf(_ name: String) -> Bool { tree.nodes[ids[name]!].pointee.leaf != 0 }

  /// How often prompts came by since it was stored.
  func uses(of name: String) -> Int { Int(tree.nodes[ids[name]!].pointee.reuses) }

  func uses(of chunks: [String]) -> [Int] { chunks.map(uses) }

  /// A chunk of the rank 0 is named as it is, one of another rank with it behind an @. The same chunk is of one group.
  private func hash(of name: String) -> UInt64 {
    let parts = name.split(separator: "@")
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in parts[0].utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let rank = parts.count == 1 ? 0 : UInt64(parts[1])!
    return hash & ~(0xFF << 24) | rank << 24 | 1 << 40
  }

  private func source(_ stream: UInt16) -> PromptBook.Source { PromptBook.Source(stream: stream, now: now) }

  // MARK: Requests

  /// Whether it is there.
  @discardableResult
  func ask(_ name: String, on stream: UInt16 = 0) -> Bool {
    defer { takeEnded() }
    if let id = ids[name] {
      book.touch(id, .ask, source(stream), &tree)
      return true
    }
    book.miss(ChunkMemory.ranks.group(hash(of: name)), source(stream), tree.nodes)
    return false
  }

  func fetch(_ name: String, on stream: UInt16 = 0) {
    book.touch(ids[name]!, .fetch, source(stream), &tree)
    takeEnded()
  }

  /// Over the one that is there, if any.
  func store(_ name: String, on stream: UInt16 = 0) {
    let (id, old) = (free.removeLast(), ids[name])
    (ids[name], names[id]) = (id, name)
    memory.setHash(of: id, to: hash(of: name))
    memory.renew(id)
    if let old {
      tree.enter(id, units: 1, insteadOf: old)
      book.replace(old, with: id, tree.nodes)
    } else {
      tree.enter(id, units: 1)
    }
    book.store(id, source(stream), &tree)
    if let old {
      tree.leave(old)
      names[old] = nil
      free.append(old)
    }
    takeEnded()
  }

  /// It goes; its node is the next one to be used.
  func leave(_ name: String) {
    let id = ids[name]!
    tree.leave(id)
    (ids[name], names[id]) = (nil, nil)
    free.append(id)
  }

  /// Asks from the front, up to the first that is not there. How many are.
  @discardableResult
  func ask(_ prompt: [String], on stream: UInt16 = 0) -> Int {
    prompt.firstIndex { !ask($0, on: stream) } ?? prompt.count
  }

  func fetch(_ prompt: some Sequence<String>, on stream: UInt16 = 0) {
    for name in prompt { fetch(name, on: stream) }
  }

  func store(_ prompt: some Sequence<String>, on stream: UInt16 = 0) {
    for name in prompt { store(name, on: stream) }
  }

  /// As an engine does: asks, fetches what is there, stores the rest.
  func serve(_ prompt: [String], asking: UInt16 = 0, on stream: UInt16 = 0) {
    let here = ask(prompt, on: asking)
    fetch(prompt[..<here], on: stream)
    store(prompt[here...], on: stream)
  }

  /// Prompts that were served one by one, and are over; what is seen from now on is seen by itself.
  func begin(with prompts: [[String]]) {
    for prompt in prompts { serve(prompt) }
    finish()
    ended = []
  }

  // MARK: Time

  func pass(tenths: UInt32) {
    now += tenths
    // A few prompts are looked at each time.
    for _ in 0..<PolicyLimits.openPromptsMax {
      book.endIdle(now: now)
      takeEnded()
    }
  }

  /// All that is under way is over.
  func finish() { pass(tenths: UInt32(PolicyLimits.promptTenths) + 1) }

  private func takeEnded() {
    while let prompt = book.takeEnded() {
      guard prompt.isOver, tree.nodes.isCurrent(prompt.tail) else { continue }
      let chunks = tree.nodes.prompt(endingAt: prompt.tail.id, count: prompt.length).map { names[$0.id]! }
      ended.append(Ended(chunks: chunks.reversed(), length: prompt.length))
    }
  }
}

/// The chunks of a prompt, each named by its place in it.
func chunks(_ prompt: String, _ places: ClosedRange<Int>) -> [String] { places.map { "\(prompt)\($0)" } }

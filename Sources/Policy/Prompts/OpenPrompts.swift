/// What a client does with a chunk, in the order in which it does so with those of a prompt.
package enum PromptStep: UInt8, Comparable, Sendable {
  case none, ask, fetch, store

  package static func < (one: PromptStep, other: PromptStep) -> Bool { one.rawValue < other.rawValue }
}

/// A chunk at one stage of its node's life.
struct ChunkRef: Equatable, Sendable {
  var id: UInt32 = 0
  var stamp: UInt32 = 0
}

/// A prompt, as chunks remember which one came by last. It may have ended, and its slot be another one's.
struct PromptRef: Equatable, Sendable {
  var slot: UInt16 = 0
  /// 0 is no prompt.
  var life: UInt16 = 0
}

/// A prompt under way.
struct OpenPrompt: Sendable {
  /// Where its client is.
  var last = ChunkRef()
  /// Its last chunk so far.
  var tail = ChunkRef()
  var length: UInt16 = 0
  /// How many of its chunks were here.
  var found: UInt16 = 0
  /// How many of the last ones had never been seen.
  var new: UInt16 = 0
  /// How many of the last ones stand behind one that has gone since it was stored, that one among them; `kept` is the chunk
  /// before them.
  var gap: UInt16 = 0
  var kept = ChunkRef()
  var step = PromptStep.none
  /// Looked up further and further.
  var isWalking = false
  /// A look-up of it came to what is not there.
  var hasMissed = false
  /// Its last chunk that was fetched.
  var fetched = ChunkRef()
  /// When it began, in touches of chunks.
  var begunAt: UInt32 = 0
  /// Where it was looked up, if it was.
  var lookedUpOn: UInt16?
  /// What was stored last of it was looked for directly afterwards.
  var isSeenAgain = false
  /// What was stored last of it was looked up before.
  var isLookedUp = false
  /// What it tells so far has been learnt.
  var isJudged = false
  fileprivate(set) var stream: UInt16 = 0
  fileprivate var isOpen = false
  fileprivate var life: UInt16 = 0
  /// By its last use, in touches of chunks, and in tenths of a second.
  fileprivate var usedAt: UInt32 = 0
  fileprivate var usedAtTenths: UInt32 = 0

  /// A chunk was stored over another one.
  mutating func replace(_ old: ChunkRef, with new: ChunkRef) {
    if last == old { last = new }
    if tail == old { tail = new }
    if fetched == old { fetched = new }
    if kept == old { kept = new }
  }

  /// Whether what stands behind this chunk may be its next.
  func isAt(_ id: UInt32) -> Bool { last.id == id && length < PolicyLimits.promptChunksMax }
}

/// Prompts under way: all of them, and those of each stream, by their last use. A stream is where requests come in order: a
/// connection, or the connections of one client.
struct OpenPrompts: Sendable {
  private static let none = SlotLists.none
  private static let slots = PolicyLimits.openPromptsMax

  private var prompts = [OpenPrompt](repeating: OpenPrompt(), count: slots)
  private var all = SlotLists(slots: slots, lists: 1)
  private var streams = SlotLists(slots: slots, lists: PolicyLimits.streams)
  /// Free slots, the one to be taken next last.
  private var free = [UInt16]((0..<UInt16(slots)).reversed())
  /// The prompt unused for longest that has not been said to be quiet.
  private var unquiet = none

  static let bytes =
    slots * (MemoryLayout<OpenPrompt>.stride + 2) + SlotLists.bytes(slots: slots, lists: 1)
    + SlotLists.bytes(slots: slots, lists: PolicyLimits.streams)

  var count: Int { all.count(of: 0) }
  var isFull: Bool { free.isEmpty }

  subscript(slot: UInt16) -> OpenPrompt {
    get { prompts[Int(slot)] }
    set { prompts[Int(slot)] = newValue }
  }

  func ref(_ slot: UInt16) -> PromptRef { PromptRef(slot: slot, life: prompts[Int(slot)].life) }

  /// Where a prompt is, if it is still under way.
  func slot(of ref: PromptRef) -> UInt16? {
    guard ref.life != 0 else { return nil }
    let prompt = prompts[Int(ref.slot)]
    return prompt.isOpen && prompt.life == ref.life ? ref.slot : nil
  }

  func count(of stream: UInt16) -> Int { streams.count(of: stream) }

  /// Of a stream's prompts, the last one used that is as wanted.
  func last(of stream: UInt16, where isIt: (OpenPrompt) -> Bool) -> UInt16? {
    var slot = streams.newest(of: stream)
    while slot != Self.none {
      if isIt(prompts[Int(slot)]) { return slot }
      slot = streams.older(than: slot)
    }
    return nil
  }

  /// The one of a stream that was unused for longest.
  func oldest(of stream: UInt16) -> UInt16? { Self.slot(streams.oldest(of: stream)) }

  /// The one of all that was used last.
  var newest: UInt16? { Self.slot(all.newest(of: 0)) }

  /// The one of all that was unused for longest.
  var oldest: UInt16? { Self.slot(all.oldest(of: 0)) }

  /// One that was not used for so long.
  func idle(now: UInt32, tenths: Int32) -> UInt16? {
    guard let slot = oldest, Int32(bitPattern: now &- prompts[Int(slot)].usedAtTenths) > tenths else { return nil }
    return slot
  }

  /// One that was not used for more than so many touches of chunks. It is said once, until it is used again.
  mutating func quiet(at clock: UInt32, touches: Int) -> UInt16? {
    guard unquiet != Self.none, Int(clock &- prompts[Int(unquiet)].usedAt) > touches else { return nil }
    defer { unquiet = all.newer(than: unquiet) }
    return unquiet
  }

  private static func slot(_ place: UInt16) -> UInt16? { place == none ? nil : place }

  // MARK: Changes

  /// There is a slot to be had.
  mutating func open(on stream: UInt16, step: PromptStep) -> UInt16 {
    precondition(!isFull, "one was closed before")
    let slot = free.removeLast()
    var prompt = OpenPrompt()
    prompt.life = max(1, prompts[Int(slot)].life &+ 1)
    (prompt.isOpen, prompt.step, prompt.stream) = (true, step, stream)
    prompts[Int(slot)] = prompt
    all.add(slot, to: 0)
    streams.add(slot, to: stream)
    return slot
  }

  mutating func close(_ slot: UInt16) {
    if unquiet == slot { unquiet = all.newer(than: slot) }
    all.remove(slot, from: 0)
    streams.remove(slot, from: prompts[Int(slot)].stream)
    prompts[Int(slot)].isOpen = false
    free.append(slot)
  }

  /// It is used, on this stream.
  mutating func use(_ slot: UInt16, on stream: UInt16, at clock: UInt32, tenths: UInt32) {
    (prompts[Int(slot)].usedAt, prompts[Int(slot)].usedAtTenths) = (clock, tenths)
    if all.newest(of: 0) != slot {
      if unquiet == slot { unquiet = all.newer(than: slot) }
      all.remove(slot, from: 0)
      all.add(slot, to: 0)
    }
    if unquiet == Self.none { unquiet = slot }
    guard streams.newest(of: stream) != slot else { return }
    streams.remove(slot, from: prompts[Int(slot)].stream)
    prompts[Int(slot)].stream = stream
    streams.add(slot, to: stream)
  }
}

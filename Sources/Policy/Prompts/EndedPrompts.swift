/// Prompts that are over, or seem to be, and have not been looked at: a request ends a few of them at most.
struct EndedPrompts: Sendable {
  struct Prompt: Sendable {
    var tail = ChunkRef()
    var length = 0
    var found = 0
    var new = 0
    /// The last chunks, which stand behind one that has gone, that one among them; and the last one before it.
    var gap = 0
    var kept = ChunkRef()
    /// A look-up came to what was not here.
    var hasMissed = false
    var isOver = false
    /// What it tells has been learnt.
    var isJudged = false
  }

  private var prompts = InlineArray<8, Prompt>(repeating: Prompt())
  private var count = 0

  mutating func add(_ prompt: OpenPrompt, isOver: Bool) {
    guard count < prompts.count else { return }
    prompts[count] = Prompt(
      tail: prompt.tail, length: Int(prompt.length), found: Int(prompt.found), new: Int(prompt.new),
      gap: Int(prompt.gap), kept: prompt.gap == 0 ? prompt.tail : prompt.kept, hasMissed: prompt.hasMissed,
      isOver: isOver, isJudged: prompt.isJudged)
    count += 1
  }

  mutating func take() -> Prompt? {
    guard count > 0 else { return nil }
    count -= 1
    return prompts[count]
  }
}

/// What a policy that learns has seen, for people to look at.
package struct PolicyFigures: Sendable {
  /// How much of a prompt was found, where it was looked for.
  package enum Found: Int, CaseIterable, Sendable { case none, part, all }

  /// Ages of evicted chunks, in turn-overs of what fits, up to these bounds.
  package static let ageBounds: [Float] = [0.25, 1, 4]
  package static let ageCount = ageBounds.count + 1
  /// Groups of chunks by how often they had come back.
  package static let reuseNames = ["0", "1", "2", "3-4", "5-8", "9+"]

  /// Prompts that are over, and their chunks.
  package private(set) var prompts = InlineArray<3, UInt64>(repeating: 0)
  package private(set) var chunksFound: UInt64 = 0
  package private(set) var chunksStored: UInt64 = 0
  /// Stored too, but not kept until their prompt was over.
  package private(set) var chunksTurnedAway: UInt64 = 0
  /// Uses of chunks that were here, by how often each had come back before.
  package private(set) var uses = InlineArray<6, UInt64>(repeating: 0)
  private var evictions = InlineArray<24, UInt64>(repeating: 0)
  /// Chunks found beyond what the order of last use would have found, as a sample tells.
  private var advantage = 0
  /// What was learnt decides. It does not where the order of last use finds more, or prompts are too mixed.
  package internal(set) var isTrusted = true
  package internal(set) var areMixed = false
  /// What was learnt is that chunks of one age are worth about the same, whatever their class.
  package internal(set) var areAlike = false
  /// The share of uses that the order of last use would find with so many 16ths of the room: 4, 8, 12... up to 32.
  package internal(set) var curve: [Double] = []

  mutating func noteEnd(_ prompt: EndedPrompts.Prompt) {
    let stored = prompt.length - prompt.found
    let outcome: Found = prompt.found == 0 ? .none : stored > 0 || prompt.hasMissed ? .part : .all
    prompts[outcome.rawValue] += 1
    chunksFound += UInt64(prompt.found)
    let turnedAway = min(prompt.gap, stored)
    chunksStored += UInt64(stored - turnedAway)
    chunksTurnedAway += UInt64(turnedAway)
  }

  mutating func noteUse(reuses: UInt8) { uses[Self.group(reuses)] += 1 }

  mutating func noteEviction(reuses: UInt8, turnovers: Float) {
    // Not a search of the bounds: it allocates in a debug build.
    var age = 0
    while age < Self.ageBounds.count, turnovers >= Self.ageBounds[age] { age += 1 }
    evictions[Self.group(reuses) * Self.ageCount + age] += 1
  }

  package func evictions(reuseGroup: Int, age: Int) -> UInt64 { evictions[reuseGroup * Self.ageCount + age] }

  mutating func noteSampled(isFound: Bool, wouldBeFound: Bool, weight: Int) {
    advantage += ((isFound ? 1 : 0) - (wouldBeFound ? 1 : 0)) * weight
  }

  /// How many uses the order of last use would have found.
  package var foundByLastUse: Int {
    max(0, uses.indices.reduce(0) { $0 + Int(uses[$1]) } - advantage)
  }

  private static func group(_ reuses: UInt8) -> Int {
    ChunkClass(reuses: Int(reuses), distance: 0, new: 0, length: 1).reuses
  }
}

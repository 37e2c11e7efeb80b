/// What bounds the policy's work, and its sample.
package enum PolicyLimits {
  /// Chunks of a prompt that are looked at when it is over, the last ones. Those before them are seldom leaves.
  static let promptWalkMax = 256
  /// Of a prompt that is being stored so many chunks stay until it is over. Those beyond them may go at once.
  static let underWayMin = 16
  /// But only where such a chunk is worth so much less than all others: all that follows it is lost with it.
  static let underWayFactor: Float = 1.4
  /// Chunks that two prompts share and that are counted as used by both, where only one look-up of them was seen as such.
  static let forkWalkMax = 64
  /// What was used longest ago goes where no other is worth less by such a factor: values are estimates.
  static let doubt: Float = 1.25
  /// Classes are alike where the logarithms of their values at one age deviate by less than this. Made-up conversations and agents
  /// come to .1 to .4, all other loads to .7 and more. It is not said before so many returns were seen.
  static let alikeSpread: Float = 0.5
  static let alikeReturnsMin: Float = 200
  /// Of each prompt so many of the last chunks are watched, and each so many-th: others would tell of the same return.
  static let watchedTail = 2
  static let watchedStep = 16
  /// What returns sooner, in ticks, is asked for by prompts under way at once: it tells nothing of what may go.
  static let returnTicksMin: Float = 4
  /// So many are watched however few chunks fit; of those that fit, one in so many besides.
  static let watchedMin = 3072
  static let watchedShare = 4
  /// Chunks that have gone of which it is known how often they had come back: so many, and four bytes each. A power of two.
  static let goneMin = 32_768
  /// Of each chunk that fits twice as many at most.
  static let gonePerChunk = 4
  /// So many chunks are spared for two seconds after they were stored or fetched, however few there are: one process stores them,
  /// another comes for them.
  static let sparedMin = 8
  /// Or for such a share of a turn-over, where that is shorter.
  static let sparedTurnoverShare = 4
  /// Prompts under way, of all clients together and of one; those beyond are taken to be over.
  static let openPromptsMax = 512
  static let streamPromptsMax = 32
  /// Of which nothing was heard for so long, in tenths of a second: computing a long one takes less.
  static let promptTenths: Int32 = 600
  /// More chunks than this are several prompts: a million tokens are four thousand.
  static let promptChunksMax = 4096
  /// Connections, told apart by number, and clients of many connections, by host.
  package static let sources = 1024 + 64
  /// With those of ranks, which share places.
  static let streams = 2048
  /// Chunks that were looked for lately. A power of two.
  static let misses = 2048
  /// Chunks of the sample from which it is known what the order of last use would find. A power of two.
  static let shadowMax = 2048
  /// Over how many turn-overs the curve of rooms is drawn: what was before them counts half.
  static let curveTurnovers = 32
  /// What was learnt is not believed when the order of last use would have found so much more: a share of the room.
  static let deficitShare = 10
  static let deficitMin = 100
  /// What was found beyond that order makes up for so much of it later on.
  static let creditShare = 4
  /// For how long, in turn-overs, at first and at most.
  static let distrustMin = 4
  static let distrustMax = 64
  /// Of what share of prompts it may be unknown which one goes on, and over how many of the latest that is counted.
  static let mixtureMax: Float = 0.5
  static let mixturePrompts: Float = 64
  /// So many of them count at once.
  static let mixedAtOnceMax: UInt8 = 16
  static let closingsPerFading = 20_000
  /// Of those that are still watched, so many are counted when values are worked out.
  static let openLooksMax = 4096

  package static func check() {
    precondition(misses & (misses - 1) == 0 && shadowMax & (shadowMax - 1) == 0, "places are found by bits")
    precondition(goneMin & (goneMin - 1) == 0 && goneMin >= 1 << 12, "the bits beyond a line's are in its entries")
    precondition(sources < streams && streams <= Int(UInt16.max), "ranks have streams of their own")
    precondition(openPromptsMax < Int(SlotLists.none), "each prompt has a slot")
    precondition(4 * shadowMax <= Int(UInt16.max), "places of the sample fit two bytes")
  }
}

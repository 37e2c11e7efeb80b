import Testing

@testable import Bench

@Suite
struct SessionTests {
  private let store = StoreOfPrompts()

  private func feed(_ prompts: Prompts, parts: Int = 1, connections: Int = 1, waits: Bool = false) -> SessionFeed {
    SessionFeed(
      prompts, connections: connections, partsPerChunk: parts, chunkTokens: 256, waitsForClock: waits,
      recorder: Recorder(slotNanoseconds: 1_000_000))
  }

  /// Two blocks, then the same and one more, then another beginning: by hand 1,024 of 3,072 tokens are found.
  @Test
  func aTraceFindsWhatItStoredBefore() throws {
    let trace = """
      {"timestamp": 0, "input_length": 1024, "output_length": 1, "hash_ids": [1, 2]}
      {"timestamp": 9, "input_length": 1536, "output_length": 1, "hash_ids": [1, 2, 3]}
      {"timestamp": 9, "input_length": 512, "output_length": 1, "hash_ids": [8]}
      """
    let prompts = try Trace.prompts(
      Array(trace.utf8), name: "t", blockTokens: 512, chunkTokens: 256, requestsMax: nil)
    let session = feed(prompts)
    store.run(session, prompts: 3)
    #expect(session.outcome.requests == 3)
    #expect(session.outcome.tokensRequested == 3072)
    #expect(session.outcome.tokensHit == 1024)
    #expect(session.outcome.usablePrefixHitRatio == 1.0 / 3)
    // One miss for each prompt; 4 + 2 + 2 chunks are new, 4 are read again.
    #expect(session.outcome.exists == 1 + 5 + 1)
    #expect(session.outcome.gets == 4)
    #expect(session.outcome.puts == 8)
    #expect(session.outcome.loading.total == 3)
    #expect(store.log.prefix(8) == ["exist 2", "put 2", "put 3", "put 4", "put 5", "exist 2", "exist 3", "exist 4"])
  }

  @Test(arguments: [1, 3, 16])
  func depthChangesNothingButThePace(depth: Int) throws {
    var conversations = Conversations()
    (conversations.users, conversations.turns) = (3, 4)
    let prompts = conversations.prompts(chunkTokens: 256)
    let session = feed(prompts)
    store.run(session, prompts: prompts.count, depth: depth)
    // The first user stores the system prompt of 1,024 tokens; every later turn finds all chunks of the turn before.
    let perUser = [1536, 2048, 2560]
    #expect(session.outcome.tokensRequested == 3 * (1536 + 2048 + 2560 + 3072))
    #expect(session.outcome.tokensHit == 2 * 1024 + 3 * perUser.reduce(0, +))
    #expect(session.outcome.lostAfterExist == 0)
    #expect(store.kept.count == 4 + 3 * 8)
  }

  @Test
  func usersShareTheSystemPromptAndNothingElse() {
    var conversations = Conversations()
    (conversations.users, conversations.turns, conversations.turnTokens) = (2, 2, 300)
    conversations.systemTokens = 600
    let prompts = conversations.prompts(chunkTokens: 256)
    #expect(prompts.tokens == [900, 900, 1200, 1200])
    func chunks(_ prompt: Int) -> [Int] { (0..<prompts.chunkCount(of: prompt)).map { prompts.chunk($0, of: prompt) } }
    #expect(chunks(0).count == 3 && chunks(2).count == 4)
    #expect(chunks(2).starts(with: chunks(0)) && chunks(3).starts(with: chunks(1)))
    // 600 tokens end inside the third chunk: two are shared by all.
    #expect(Set(chunks(2)).intersection(chunks(3)) == [0, 1])
  }

  @Test
  func aChunkIsUsableWhenAllItsPartsAreThere() {
    var prompts = Prompts()
    prompts.append(tokens: 512, chunks: [0, 1], due: 0)
    prompts.append(tokens: 512, chunks: [0, 1], due: 0)
    let session = feed(prompts, parts: 3)
    store.run(session, prompts: 1)
    #expect(store.kept == [0, 1, 2, 3, 4, 5])
    store.lost = [4]
    store.run(session, prompts: 1)
    // The second chunk has lost a part after EXIST had promised it: only the first one is usable, and the whole second
    // one is stored again.
    #expect(session.outcome.lostAfterExist == 1)
    #expect(session.outcome.tokensHit == 256)
    #expect(session.outcome.puts == 6 + 3)
  }

  @Test
  func aPromptShorterThanAChunkIsCountedAndAsksForNothing() {
    var prompts = Prompts()
    prompts.append(tokens: 100, chunks: [], due: 0)
    let session = feed(prompts)
    store.run(session, prompts: 1)
    #expect(session.outcome.requests == 1 && session.outcome.tokensRequested == 100 && store.log.isEmpty)
  }

  @Test
  func roundsAreSlicesOfThePrompts() throws {
    let options = try Options.parse(["session", "lm://h:1", "--users", "5", "--turns", "3", "--rounds", "4"])
    let plan = try CasePlan.all(options)[0]
    let counts = (0..<4).map { round -> Int in
      guard case .count(let count) = plan.span(round: round) else { return -1 }
      return count
    }
    #expect(counts.reduce(0, +) == 15)
    let session = feed(plan.prompts!)
    for count in counts { store.run(session, prompts: count) }
    #expect(session.outcome.requests == 15)
  }

  @Test
  func promptsComeWhenTheyAreDueAndNotBefore() {
    var prompts = Prompts()
    prompts.append(tokens: 256, chunks: [1], due: 0)
    prompts.append(tokens: 256, chunks: [2], due: 5000)
    prompts.append(tokens: 256, chunks: [3], due: 5000)
    let session = feed(prompts, connections: 2, waits: true)
    session.begin(.count(3), at: 100)
    #expect(session.nextDue(at: 100) == 100)
    #expect(session.next(for: 0, at: 100)?.key == 1)
    #expect(session.next(for: 1, at: 100) == nil)
    #expect(session.nextDue(at: 100) == 5100)
    #expect(session.next(for: 1, at: 5099) == nil)
    #expect(session.next(for: 1, at: 5100)?.key == 2)
    // The third is due too, but no connection is free: there is no time to wait for.
    #expect(session.nextDue(at: 5100) == nil)
  }

  @Test
  func turnsOfAUserDoNotOvertakeEachOther() {
    var conversations = Conversations()
    (conversations.users, conversations.turns) = (3, 2)
    let session = feed(conversations.prompts(chunkTokens: 256), connections: 2)
    session.begin(.count(6), at: 0)
    // The first connection has users 0 and 2, the second user 1.
    store.run(session, prompts: 6, connection: 1)
    #expect(session.outcome.requests == 2)
    store.run(session, prompts: 6, connection: 0)
    #expect(session.outcome.requests == 6)
  }
}

extension Job: Equatable {
  public static func == (left: Job, right: Job) -> Bool { left.key == right.key && left.operation == right.operation }
}

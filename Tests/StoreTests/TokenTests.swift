import Base
import Testing

@testable import Store

/// How many tokens chunks are of, and which client writes which model.
@Suite
struct TokenTests {
  private func row(_ store: Store, _ group: UsageGroup, _ name: String) throws -> UsageFigures {
    try #require(store.usage(of: group).first { $0.label == name })
  }

  private func put(_ store: Store, _ key: String, format: Int32 = 1, shape: (Int32, Int32, Int32, Int32)) {
    let meta = ObjectMeta(format: format, type: 2, shape: shape)
    #expect(store.lane(0).put(key, length: 5000, meta: meta, at: second))
  }

  @Test func aShapeSaysHowManyTokensAChunkHas() throws {
    let store = try Store.make(mebibytes: 16)
    put(store, "vllm@a@1@0@1@half", shape: (2, 32, 128, 1024))
    #expect(try row(store, .model, "a").tokensEach == 128)
    put(store, "vllm@mla@1@0@1@half", format: 6, shape: (1, 61, 64, 576))
    #expect(try row(store, .model, "mla").tokensEach == 64)
    put(store, "vllm@layers@1@0@1@half", format: 2, shape: (64, 2, 1024, 0))
    #expect(try row(store, .model, "layers").tokensEach == nil, "others of the same tokens lie beside it")
    put(store, "vllm@encoded@1@0@1@half", format: 5, shape: (5000, 0, 0, 0))
    #expect(try row(store, .model, "encoded").tokensEach == 256)
    put(store, "vllm@odd@1@0@1@half", shape: (2, 32, -7, 1024))
    #expect(try row(store, .model, "odd").tokensEach == 256)
    #expect(store.lane(0).put("vllm@plain@1@0@1@half", length: 5000, at: second))
    #expect(try row(store, .model, "plain").tokensEach == 256)
    #expect(store.lane(0).put("key", length: 5000, at: second))
    #expect(try row(store, .model, "none").tokensEach == nil)
    store.checkInvariants()
  }

  /// Four ranks keep parts of the same tokens.
  @Test func tokensOfRanksAreCountedOnce() throws {
    let store = try Store.make(mebibytes: 16)
    for rank in 0..<4 {
      for chunk in 0..<3 { put(store, "vllm@a@4@\(rank)@\(chunk)@half", shape: (2, 32, 256, 1024)) }
    }
    var held = try row(store, .model, "a").holdings
    #expect(held.chunks == 12 && held.leading == 3)
    #expect(store.lane(0).remove("vllm@a@4@0@1@half") && store.lane(0).remove("vllm@a@4@2@2@half"))
    held = try row(store, .model, "a").holdings
    #expect(held.chunks == 10 && held.leading == 2)
    store.checkInvariants()
  }

  @Test func clientsAreKnownByTheModelsThatTheyWrite() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    func write(_ key: String, as client: ClientPlace) {
      var burst = TouchBurst(asker: store.asker(identity: 1, connection: 1, client: client))
      #expect(lane.put(key, length: 5000, at: second, &burst))
    }
    let clients = (0..<3).map { store.openClient(address: "10.0.0.\($0)") }
    write("vllm@a@1@0@1@half", as: clients[0])
    write("vllm@a@1@0@2@half", as: clients[1])
    write("vllm@b@1@0@2@half", as: clients[1])
    write("vllm@c@1@0@2@half", as: clients[2])
    let masks = try (0..<3).map { try row(store, .client, "10.0.0.\($0)").modelsWritten }
    #expect(masks[0].nonzeroBitCount == 1 && masks[1].nonzeroBitCount == 2 && masks[0] & masks[1] == masks[0])
    #expect(masks[2].nonzeroBitCount == 1 && masks[2] & masks[1] == 0)
  }

  @Test func chunksThatComeBackWithAnotherLengthAreCounted() throws {
    let store = try Store.make(mebibytes: 16)
    let lane = store.lane(0)
    for length in [5000, 5000, 6000, 5000] { #expect(lane.put("vllm@a@1@0@1@half", length: length, at: second)) }
    for length in [5000, 6000] { #expect(lane.put("plain", length: length, at: second)) }
    #expect(lane.counters.resized.value == 2, "of plain values nobody knows what they are")
  }
}

import Foundation
import Testing

/// What the server says of prompts: how much of them was here, and what goes.
@Suite
struct PolicyMetricsTests {
  /// Asks for a prompt up to what is not there, fetches what is, stores the rest; as an engine does, of two connections.
  private func serve(_ prompt: [String], asks: LMPeer, works: LMPeer) throws -> Int {
    var here = 0
    while here < prompt.count, try asks.exists(prompt[here]) { here += 1 }
    for name in prompt[..<here] { #expect(try works.get(name) != nil) }
    for name in prompt[here...] { try works.putAndSee(name, Payload.bytes(20_000, seed: 1)) }
    return here
  }

  private func prompt(_ user: Int, turns: Int) -> [String] {
    ["system 0", "system 1"] + (0..<turns * 3).map { "user \(user) \($0)" }
  }

  @Test(arguments: IODriver.available)
  func whatIsFoundOfPromptsIsCounted(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let (asks, works) = (try server.lm(), try server.lm())
    var found = 0
    for turn in 1...3 {
      for user in 0..<4 { found += try serve(prompt(user, turns: turn), asks: asks, works: works) }
    }
    // The last prompt is over when another one begins.
    #expect(try serve(prompt(9, turns: 1), asks: asks, works: works) == 2)
    let metrics = try server.metrics()
    func value(_ name: String) -> Double? { metrics.value(of: "lmcache_server_" + name) }
    #expect(value("prompt_chunks_total{outcome=\"found\"}") == Double(found))
    #expect(value("prompt_chunks_total{outcome=\"stored\"}") == 38)
    #expect(value("prompt_chunks_total{outcome=\"turned_away\"}") == 0)
    #expect(value("prompts_total{found=\"none\"}") == 1 && value("prompts_total{found=\"part\"}") == 11)
    #expect(metrics.sum("lmcache_server_chunk_uses_total") == Double(found + 2))
    #expect(value("policy_trusted") == 1 && value("policy_prompts_mixed") == 0)
    #expect(value("policy_classes_alike") == 0, "too little was seen to say so")
    #expect(value("last_use_found_chunks") == Double(found + 2), "nothing had to go")
    #expect(value("found_share{room=\"1.0\"}") == value("found_share{room=\"2.0\"}"))
  }

  @Test func whatGoesIsCountedByClass() throws {
    let server = try RunningServer(try #require(IODriver.available.first), ["--lease", "0"], memory: "16MiB")
    let (asks, works) = (try server.lm(), try server.lm())
    for user in 0..<120 { _ = try serve(prompt(user, turns: 4), asks: asks, works: works) }
    let metrics = try server.metrics()
    let evicted = metrics.sum("lmcache_server_class_evictions_total")
    #expect(evicted > 100 && evicted == metrics.sum("lmcache_server_evictions_total"))
  }

  /// The order of last use learns nothing, and has nothing to say.
  @Test func theOrderOfLastUseSaysNothingOfPrompts() throws {
    let server = try RunningServer(try #require(IODriver.available.first), ["--policy", "lru"])
    #expect(try server.metrics().families["lmcache_server_prompts_total"] == nil)
  }
}

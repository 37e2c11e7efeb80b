import Base
import Testing

@testable import Store

/// What the policy that learns brings, however the prompts of a client reach it.
@Suite struct PromptLoadTests {
  /// How a client sends what it does.
  struct Way {
    var ranks = 1
    /// Asks on a connection of their own.
    var looksUpApart = false
    /// Prompts under way at once, a step of each in turn.
    var atOnce = 1
  }

  /// A client of documents that are asked about again and again, each time with another question, beside prompts that
  /// never come again.
  private final class Client {
    private struct Work {
      let prompt: [String]
      var asked = 0
      /// How many are there, once that is known.
      var here: Int?
      var fetched = 0
      var stored: Int?
      var isOver = false
    }

    private let way: Way
    private let store: Store
    private let lane: Lane
    private var bursts: [TouchBurst]
    private var random = SplitMix64(seed: 3)
    private var now: UInt64 = 1000 * second
    private(set) var hits = 0

    init(_ policy: EvictionPolicy, _ way: Way) throws {
      self.way = way
      store = try Self.store(policy, ranks: way.ranks)
      lane = store.lane(0)
      bursts = (0...way.ranks).map { TouchBurst(asker: Asker(identity: 7, connection: $0 + 1)) }
    }

    /// With room for the same values, whatever its policy takes.
    private static func store(_ policy: EvictionPolicy, ranks: Int) throws -> Store {
      let values = 500 * ranks
      let bytes = mebibyte + values * 4500 + policy.tableBytes + values * policy.bytesPerValue
      var configuration = StoreConfiguration(budgetBytes: bytes, leaseSeconds: 30, hashSeed: 42, clientsMax: 16)
      configuration.policy = policy
      let store = try Store(configuration)
      store.populate()
      return store
    }

    func run(prompts: Int) {
      for number in stride(from: 0, to: prompts, by: way.atOnce) {
        now += second
        serve((0..<way.atOnce).map { prompt(number + $0) })
        if number % 40 == 0 { lane.flush(now: now) }
      }
      store.checkInvariants()
      #expect(lane.counters.leasesBroken.value == 0)
    }

    private func prompt(_ number: Int) -> [String] {
      guard number % 3 == 0 else { return (0..<20).map { "once\(number)x\($0)" } }
      let document = random.pick(0...19)
      return (0..<16).map { "document\(document)x\($0)" } + (0..<4).map { "question\(number)x\($0)" }
    }

    private func serve(_ prompts: [[String]]) {
      var works = prompts.map { Work(prompt: $0) }
      if way.looksUpApart {
        for index in works.indices { while works[index].here == nil { advance(&works[index]) } }
      }
      while works.contains(where: { !$0.isOver }) {
        for index in works.indices where !works[index].isOver { advance(&works[index]) }
      }
    }

    /// A step: one look-up, or a chunk that is fetched or stored, by all ranks.
    private func advance(_ work: inout Work) {
      guard let here = work.here else {
        if work.asked < work.prompt.count, exists(work.prompt[work.asked]) {
          work.asked += 1
        } else {
          work.here = work.asked
        }
        return
      }
      if work.fetched < here {
        fetch(work.prompt[work.fetched])
        work.fetched += 1
        return
      }
      let next = work.stored ?? here
      guard next < work.prompt.count else {
        work.isOver = true
        return
      }
      for rank in 0..<way.ranks { lane.put(key(work.prompt[next], rank), length: 4000, at: now, &bursts[rank]) }
      work.stored = next + 1
    }

    private func exists(_ name: String) -> Bool {
      lane.exists(key(name, 0), at: now, &bursts[way.looksUpApart ? way.ranks : 0])
    }

    private func fetch(_ name: String) {
      var isWhole = true
      for rank in 0..<way.ranks where lane.find(key(name, rank), at: now, &bursts[rank]) == nil { isWhole = false }
      if isWhole { hits += 1 }
    }

    private func key(_ name: String, _ rank: Int) -> String {
      way.ranks == 1 ? name : "model@\(way.ranks)@\(rank)@\(name)@bfloat16"
    }
  }

  private func hits(_ policy: EvictionPolicy, _ way: Way, prompts: Int) throws -> Int {
    let client = try Client(policy, way)
    client.run(prompts: prompts)
    return client.hits
  }

  @Test(arguments: [Way(), Way(looksUpApart: true), Way(ranks: 2, looksUpApart: true)])
  func whatReturnsStays(way: Way) throws {
    let lru = try hits(.lru, way, prompts: 420)
    let returns = try hits(.returns, way, prompts: 420)
    #expect(returns * 100 > lru * 120, "\(returns) and \(lru)")
  }

  /// Where prompts cannot be told apart it is no worse than the order of last use.
  @Test(arguments: [Way(atOnce: 4), Way(looksUpApart: true, atOnce: 4)])
  func nothingIsLostByPromptsInTurn(way: Way) throws {
    let lru = try hits(.lru, way, prompts: 420)
    let returns = try hits(.returns, way, prompts: 420)
    #expect(returns * 100 > lru * 97, "\(returns) and \(lru)")
  }
}

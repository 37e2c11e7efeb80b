import Base
import Server
import Simulation
import Store
import Testing

@testable import IO

/// RESP clients of the whole server, and engines at its registry, with short reads, short sends, resets and a slow network drawn from the seed.
@Suite struct RESPLifeTests {
  @Test("replies come in order and hold what was stored, or nothing", arguments: 1...40)
  func lives(seed: UInt64) throws {
    let life = try RESPLife(seed: seed)
    life.run()
    #expect(life.failure == nil, "seed \(seed): \(life.failure ?? "")")
  }

  @Test("lives are eventful")
  func census() throws {
    var (hits, lookups, ends) = (0, 0, 0)
    var (transactions, pairs, expiries, told) = (0, 0, 0, 0)
    for seed in 41...80 as ClosedRange<UInt64> {
      let life = try RESPLife(seed: seed)
      life.run()
      hits += life.hits
      lookups += life.lookups
      ends += life.harmedEnds
      transactions += life.transactions
      pairs += life.pairsSeen
      expiries += life.expiries
      told += life.told
    }
    #expect(hits > 50)
    #expect(lookups > 50)
    #expect(ends > 0)
    #expect(transactions > 20)
    #expect(pairs > 20)
    #expect(expiries > 5)
    #expect(told > 10)
  }
}

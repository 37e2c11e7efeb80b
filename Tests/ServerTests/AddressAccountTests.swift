import Base
import Testing

@testable import Server

struct AddressAccountTests {
  private let accounts = AddressAccounts()

  private func enter(_ address: String, connections: Int? = nil, inFlight: Int? = nil) throws -> (Refusal?, Entrance) {
    accounts.limit(inFlightBytes: inFlight)
    var entrance = Entrance(door: .data)
    let refusal = accounts.enter(try #require(IPAddress(address)), connectionsMax: connections, &entrance)
    return (refusal, entrance)
  }

  @Test func anAddressIsForgottenWithItsLastConnection() throws {
    var entrances = try (0..<3).map { _ in try enter("10.0.0.1", connections: 2).1 }
    #expect(entrances.map(\.restriction) == [nil, nil, .connectionsPerAddress])
    #expect(accounts.count == 1)
    for index in entrances.indices {
      entrances[index].leave()
      entrances[index].leave()
    }
    #expect(accounts.count == 0)
    #expect(try enter("10.0.0.1", connections: 1).1.restriction == nil)
  }

  @Test func beyondTheProbesNobodyComesIn() throws {
    var entered: [Entrance] = []
    for _ in 0..<1 + Limits.probesPerAddress { entered.append(try enter("10.0.0.1", connections: 1).1) }
    #expect(try enter("10.0.0.1", connections: 1).0 == .connectionsPerAddress)
    #expect(try enter("10.0.0.2", connections: 1).0 == nil)
    #expect(entered.filter { $0.restriction == nil }.count == 1)
  }

  @Test func aNetworkOfIPv6IsOneHolder() throws {
    let first = try enter("2001:db8::1", connections: 1)
    #expect(first.1.restriction == nil)
    #expect(try enter("2001:db8::ffff:1", connections: 1).1.restriction == .connectionsPerAddress)
    #expect(try enter("2001:db8:0:1::1", connections: 1).1.restriction == nil)
    #expect(try enter("::ffff:10.0.0.1", connections: 1).1.restriction == nil)
    #expect(try enter("::ffff:10.0.0.2", connections: 1).1.restriction == nil, "IPv4 addresses are told apart")
  }

  @Test func whatIsInFlightIsBounded() throws {
    let account = try #require(try enter("10.0.0.1", inFlight: 100).1.account)
    #expect(account.begin(bytes: 60) && account.begin(bytes: 40) && !account.begin(bytes: 1))
    account.end(bytes: 40)
    #expect(!account.begin(bytes: 41) && account.begin(bytes: 40))
    account.end(bytes: 100)
    #expect(account.begin(bytes: 1000), "one always may, whatever its length")
    #expect(!account.begin(bytes: 1))
    account.end(bytes: 1000)
    #expect(account.begin(bytes: 100))
  }

  @Test func anotherLimitCountsAtOnce() throws {
    let account = try #require(try enter("10.0.0.1").1.account)
    let other = try #require(try enter("10.0.0.2").1.account)
    #expect(account.begin(bytes: 1000) && account.begin(bytes: 1000))
    accounts.limit(inFlightBytes: 100)
    #expect(!account.begin(bytes: 1))
    #expect(other.begin(bytes: 60) && !other.begin(bytes: 41))
    accounts.limit(inFlightBytes: 200)
    #expect(other.begin(bytes: 140) && !other.begin(bytes: 1))
    accounts.limit(inFlightBytes: nil)
    #expect(account.begin(bytes: 1) && other.begin(bytes: 1))
  }
}

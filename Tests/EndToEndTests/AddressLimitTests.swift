import Foundation
import Testing
import Wire

/// What one address may hold.
@Suite
struct AddressLimitTests {
  private static func lm(_ server: RunningServer, from source: UInt32) throws -> LMPeer {
    LMPeer(peer: try Peer(port: server.port, from: source), generation: .nineInts)
  }

  @Test(arguments: IODriver.available)
  func anAddressHasSoManyConnections(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-connections-per-address", "3"])
    var clients = try (0..<3).map { _ in try Self.lm(server, from: 2) }
    for client in clients { #expect(try !client.exists("key")) }
    // A few more are for probes.
    let probe = try Self.lm(server, from: 2)
    #expect(try probe.health())
    let late = try Self.lm(server, from: 2)
    try late.peer.send(late.request(.exist, "key"))
    #expect(try late.peer.isClosedSilently())
    #expect(try WebPeer(peer: Peer(port: server.port, from: 2)).get("/health").status == 200)
    // Silent ones hold their places until they are found out.
    let silent = try (0..<4).map { _ in try Peer(port: server.port, from: 2) }
    #expect(try silent[3].isClosedSilently())
    #expect(try Self.lm(server, from: 3).putAndSee("key", [1]) == (), "another address has its own share")
    #expect(try server.refusals("connections_per_address") > 1)
    clients.removeLast().peer.close()
    try eventually("a place is free again") {
      let next = try Self.lm(server, from: 2)
      try next.peer.send(next.request(.exist, "key"))
      return try next.peer.receiveSome().count == next.generation.replyBytes
    }
  }

  @Test(arguments: IODriver.available)
  func anAddressStoresSoMuchAtOnce(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-in-flight-per-address", "3MiB", "--lease", "0"])
    let value = Payload.bytes(2 << 20, seed: 1)
    let slow = try Self.lm(server, from: 2)
    try slow.peer.send(slow.request(.put, "slow", length: value.count, meta: LMPeer.meta))
    try slow.peer.send(value[..<(1 << 20)])
    let second = try Self.lm(server, from: 2)
    var number = 0
    try eventually("another value of the address is dropped") {
      number += 1
      try second.put("key \(number)", value)
      return try !second.exists("key \(number)")
    }
    #expect(try server.drops("address_limit") > 0)
    let resp = RESPPeer(try Peer(port: server.port, from: 2))
    let set = [Array("SET".utf8), Array("name".utf8), value]
    #expect(try resp.ask(set).hasPrefix("-OOM"))
    #expect(try Self.lm(server, from: 3).putAndSee("other", value) == (), "another address has its own share")
    try second.putAndSee("small", Payload.bytes(1 << 19, seed: 2))
    try slow.peer.send(value[(1 << 20)...])
    #expect(try slow.holds("slow", value))
    try second.putAndSee("now", value)
    #expect(try resp.ask(set) == "+OK\r\n")
    // Larger than the limit, and alone.
    try second.putAndSee("large", Payload.bytes(5 << 20, seed: 3))
  }

  /// Values that wait for EXEC count until they are stored, or given up.
  @Test(arguments: IODriver.available)
  func valuesThatWaitCount(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--max-in-flight-per-address", "3MiB", "--lease", "0"])
    let value = Payload.bytes(2 << 20, seed: 1)
    let set = [Array("SET".utf8), Array("name".utf8), value]
    let holder = RESPPeer(try Peer(port: server.port, from: 2))
    let other = RESPPeer(try Peer(port: server.port, from: 2))
    #expect(try holder.ask("MULTI") == "+OK\r\n")
    #expect(try holder.ask(set) == "+QUEUED\r\n")
    #expect(try other.ask(set).hasPrefix("-OOM"))
    #expect(try holder.ask("EXEC") == "*1\r\n+OK\r\n")
    #expect(try other.ask(set) == "+OK\r\n")
    #expect(try holder.ask("MULTI") == "+OK\r\n")
    #expect(try holder.ask(set) == "+QUEUED\r\n")
    #expect(try other.ask(set).hasPrefix("-OOM"))
    holder.peer.close()
    try eventually("its end gives them up") { try other.ask(set) == "+OK\r\n" }
  }

  /// Another limit counts at once, also for those who came while there was none.
  @Test(arguments: IODriver.available)
  func anotherLimitCountsForWhoIsHere(driver: IODriver) throws {
    func file(_ line: String) -> [String: String] { ["config.yaml": "server:\n  lease: 0\n\(line)"] }
    let mount = try ConfigurationMount(file(""))
    let server = try RunningServer(driver, ["--config", mount.path("config.yaml")])
    let value = Payload.bytes(2 << 20, seed: 1)
    let set = [Array("SET".utf8), Array("name".utf8), value]
    let slow = try Self.lm(server, from: 2)
    let resp = RESPPeer(try Peer(port: server.port, from: 2))
    #expect(try resp.ask(set) == "+OK\r\n")
    try slow.peer.send(slow.request(.put, "slow", length: value.count, meta: LMPeer.meta) + value[..<(1 << 20)])
    try eventually("it is under way") { try server.metric("lmcache_server_in_flight_bodies") == 1 }
    try mount.replace(file("  max_in_flight_per_address: 3MiB\n"))
    try server.hangUp(until: "max-in-flight-per-address default -> 3MiB")
    #expect(try resp.ask(set).hasPrefix("-OOM"))
    #expect(try server.drops("address_limit") == 1)
    try mount.replace(file("  max_in_flight_per_address: 5MiB\n"))
    try server.hangUp(until: "max-in-flight-per-address 3MiB -> 5MiB")
    #expect(try resp.ask(set) == "+OK\r\n")
    try slow.peer.send(value[(1 << 20)...])
    #expect(try slow.holds("slow", value))
  }
}

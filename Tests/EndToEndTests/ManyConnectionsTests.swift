import Foundation
import Testing
import Wire

@Suite(.serialized)
struct ManyConnectionsTests {
  /// Fewer connections would not take more than the allocator may keep.
  private static let count = 4500

  /// A full server evicts chunks for the memory of many connections, and takes the memory back when they close.
  @Test(
    .enabled(if: Descriptors.most >= 4 * count, "\(count) connections need a higher limit of open files (ulimit -n)"),
    arguments: IODriver.available)
  func connectionsTakeTheirMemoryFromTheBudget(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--lease", "0", "--loops", "2"], memory: "128MiB")
    try fill(server)
    let status = ProcessStatus(pid: server.child.pid)
    let before = try status.residentBytes()
    var clients: [LMPeer] = []
    for _ in 0..<Self.count {
      clients.append(try server.lm())
      try clients[clients.count - 1].peer.send(LMPeer.request(.health, ""))
    }
    for client in clients { #expect(try client.reply().code == .success) }
    print("measured: \(driver) \((try status.residentBytes() - before) >> 10) KiB more with \(Self.count) connections")
    // They take more than 30 MiB. The allocator keeps freed memory until it adds up to 16 MiB, and its own of each block.
    try eventually("the chunks made room") { try status.residentBytes() <= before + 20 << 20 }
    for client in clients { client.peer.close() }
    try eventually("they are gone") { try server.metric("lmcache_server_connections{protocol=\"lm\"}") == 0 }
    try fill(server)
    // Memory is trimmed once per 16 MiB freed, so less may be kept.
    try eventually("the chunks have it back, and nobody else") { try status.residentBytes() <= before + 24 << 20 }
    print("measured: \(driver) \((try status.residentBytes() - before) >> 10) KiB more when they are gone")
    #expect(try server.metric("lmcache_server_memory_used_bytes") > Double(115 << 20))
  }

  private func fill(_ server: RunningServer) throws {
    let client = try server.lm()
    let value = Payload.bytes(1 << 20, seed: 1)
    for index in 0..<160 { try client.put("key \(index)", value) }
    #expect(try client.health())
    client.peer.close()
  }
}

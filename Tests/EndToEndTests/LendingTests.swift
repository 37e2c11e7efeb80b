import Base
import Foundation
import Testing
import Wire

/// Large values leave by their pages, which the kernel reads long after the server has released them.
@Suite
struct LendingTests {
  /// The server has sent everything, and the kernel still holds the last part. The client gets the right bytes whatever
  /// happens to the value and its memory now.
  @Test(arguments: Speaker.Case.all)
  func bytesUnderWayStayAsTheyWere(_ what: Speaker.Case) throws {
    let server = try RunningServer(what.driver, ["--loops", "1", "--lease", "0"], memory: "48MiB")
    #expect(server.log.contains("zero copy on"))
    let writer = try Speaker(what.dialect, server)
    let old = Payload.bytes(6 << 20, seed: 1)
    try writer.store("key", old)
    let expected = writer.hit(old)
    let before = try server.lentBytes()
    let reader = try Peer(port: server.port, receiveBufferBytes: 8 << 20)
    try reader.send(writer.get("key"))
    var received: [UInt8] = []
    // Up to the last piece, which is short enough to be copied.
    while try server.lentBytes() - before < old.count - 128 * 1024 { received += try reader.receive(100_000) }
    received += try reader.receive(2 * 128 * 1024)
    #expect(received.count < old.count - 100_000, "the kernel still holds some of it")

    // All memory is reused, and more than once.
    for round in 0..<3 as Range<UInt64> {
      try writer.store("key", Payload.bytes(6 << 20, seed: 2 + round))
      for index in 0..<10 as Range<UInt64> {
        try writer.store("other \(index)", Payload.bytes(4 << 20, seed: 100 * round + 10 + index))
      }
    }
    received += try reader.receive(expected.count - received.count)
    let isSame = Payload.isSame(received, expected)
    #expect(isSame, "others wrote where the reply lay")
    // The server goes on as before.
    let newest = try writer.stores("key", old)
    #expect(newest)
  }

  @Test(arguments: IODriver.available)
  func itCanBeSwitchedOff(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--zero-copy", "off"])
    #expect(server.log.contains("zero copy off"))
    let client = try server.lm()
    let value = Payload.bytes(5 << 20, seed: 3)
    try client.putAndSee("key", value)
    #expect(try client.holds("key", value))
    #expect(try server.lentBytes() == 0)
  }

  /// A client that leaves in the middle affects nothing else, and no signal ends the server.
  @Test(arguments: IODriver.available)
  func readersThatGoAwayDoNoHarm(driver: IODriver) throws {
    let server = try RunningServer(driver, ["--loops", "1"])
    let writer = try server.lm()
    let value = Payload.bytes(8 << 20, seed: 3)
    try writer.putAndSee("key", value)
    for round in 0..<20 {
      let client = try server.lm()
      try client.peer.send(client.request(.get, "key"))
      _ = try client.peer.receive(1 + round * 100_000)
      if round % 2 == 0 { client.peer.reset() } else { client.peer.close() }
    }
    #expect(try writer.holds("key", value))
    #expect(try server.lentBytes() > 0)
  }
}

extension RunningServer {
  fileprivate func lentBytes() throws -> Int { Int(try metric("lmcache_server_lent_bytes_total")) }
}

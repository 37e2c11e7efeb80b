import Foundation
import Testing

/// As `AllocationTests`, by RESP: a request must not cost allocations.
@Suite
struct RESPAllocationTests {
  enum Work: String, CaseIterable { case get, set, largeGet, largeSet, exists, mget, pipeline, ping }

  struct Case: CustomTestStringConvertible {
    let driver: IODriver
    let work: Work
    /// A user of some keys and some commands.
    var isTenant = false
    var testDescription: String { "\(driver) \(work)\(isTenant ? " as a tenant" : "")" }
    static let all =
      IODriver.available.flatMap { driver in Work.allCases.map { Case(driver: driver, work: $0) } }
      + Work.allCases.map { Case(driver: .epoll, work: $0, isTenant: true) }
  }

  @Test(arguments: Case.all)
  func requestsDoNotAllocate(_ what: Case) throws {
    let counter = try AllocationCounter()
    let tenant = try UserFile("user default on nopass ~new* ~*mall ~l[a-z]rge ~no*ing +@read +@write +@connection")
    let flags = ["--loops", "1"] + (what.isTenant ? ["--users", tenant.path, "--quota", "model=new*:1MiB"] : [])
    let server = try RunningServer(what.driver, flags, environment: counter.environment)
    let client = try server.resp(3)
    let small = Payload.bytes(100, seed: 1)
    let large = Payload.bytes(1 << 20, seed: 1)
    for (key, value) in [("small", small), ("large", large)] {
      #expect(try client.ask([Array("SET".utf8), Array(key.utf8), value]) == "+OK\r\n")
    }
    func run(_ count: Int) throws -> Int {
      #expect(try client.ask("PING") == "+PONG\r\n")
      let before = counter.count
      for index in 0..<count { try request(what.work, client, index, small: small, large: large) }
      #expect(try client.ask("PING") == "+PONG\r\n")
      return counter.count - before
    }
    _ = try run(300)
    let most = 200
    let count = try run(500)
    print("allocations: RESP \(what.testDescription): \(count) for 500")
    if count > most {
      counter.trace(10)
      _ = try run(10)
    }
    #expect(count <= most, "\(count) allocations for 500 requests\n\(server.log)")
  }

  private func request(_ work: Work, _ client: RESPPeer, _ index: Int, small: [UInt8], large: [UInt8]) throws {
    switch work {
    case .get:
      try client.send("GET", "small")
      #expect(try client.bulk() == small)
    case .set: #expect(try client.ask([Array("SET".utf8), Array("new \(index % 10)".utf8), small]) == "+OK\r\n")
    case .largeGet:
      guard index % 10 == 0 else { return }
      try client.send("GET", "large")
      #expect(try client.bulk().count == large.count)
    case .largeSet:
      guard index % 10 == 0 else { return }
      #expect(try client.ask([Array("SET".utf8), Array("large".utf8), large]) == "+OK\r\n")
    case .exists: #expect(try client.ask("EXISTS", "small", "nothing") == ":1\r\n")
    case .mget: #expect(try client.ask("MGET", "nothing", "nothing") == "*2\r\n_\r\n_\r\n")
    case .pipeline:
      let requests = RESPPeer.request("GET", "small") + RESPPeer.request("EXISTS", "small")
      try client.peer.send(requests + requests)
      for _ in 0..<4 { _ = try client.reply() }
    case .ping: #expect(try client.ask("PING") == "+PONG\r\n")
    }
  }
}

import Foundation
import Testing
import Wire

/// A request must not cost allocations: twice the requests, the same count of allocations.
@Suite
struct AllocationTests {
  enum Work: String, CaseIterable {
    case exist, get, put, overwrite, largeGet, lentGet, largePut, health, pipeline, gathered, prompts
  }

  struct Case: CustomTestStringConvertible {
    let driver: IODriver
    let work: Work
    var testDescription: String { "\(driver) \(work)" }
    static let all = IODriver.available.flatMap { driver in Work.allCases.map { Case(driver: driver, work: $0) } }
  }

  @Test(arguments: Case.all)
  func requestsDoNotAllocate(_ what: Case) throws {
    let counter = try AllocationCounter()
    let server = try RunningServer(what.driver, ["--loops", "1"], environment: counter.environment)
    let client = try server.lm()
    let value = Payload.bytes(10_000, seed: 1)
    let large = Payload.bytes(1 << 20, seed: 1)
    try client.put("key", value)
    try client.put("large", large)
    try client.put("lent", Payload.bytes(4 << 20, seed: 1))
    #expect(counter.count > 0, "the counter is loaded")

    var made = 0
    func run(_ count: Int) throws -> Int {
      // The next request's answer shows that all work of the last request is done.
      #expect(try client.health())
      let before = counter.count
      for _ in 0..<count {
        made += 1
        try request(what.work, client, number: made, value: value, large: large)
      }
      #expect(try client.health())
      return counter.count - before
    }
    // The tables have their final size once values are evicted for new ones. Some allocations a second come from the
    // housekeeping of a debug build, which is slow under load; one a request would be a thousand.
    let most = what.work == .prompts ? 500 : 200
    _ = try run(what.work == .put ? 8000 : 600)
    let once = try run(500)
    let twice = try run(1000)
    print("allocations: \(what.testDescription): \(once) for 500, \(twice) for 1000")
    if twice > most {
      counter.trace(20)
      _ = try run(10)
    }
    #expect(twice <= most, "\(once) allocations for 500 requests, \(twice) for 1000\n\(server.log)")
  }

  private func request(_ work: Work, _ client: LMPeer, number: Int, value: [UInt8], large: [UInt8]) throws {
    switch work {
    case .exist: #expect(try client.exists("key"))
    case .get: #expect(try client.get("key") != nil)
    case .put: try client.put("new \(number)", value)
    case .overwrite: try client.put("key", value)
    case .largeGet: if number % 10 == 0 { #expect(try client.get("large") != nil) }
    case .lentGet: if number % 10 == 0 { #expect(try client.get("lent") != nil) }
    case .largePut: if number % 10 == 0 { try client.put("large", large) }
    case .health: #expect(try client.health())
    case .prompts:
      // Each ends the one before it; whenever there were enough of them, values are worked out anew.
      #expect(try !client.exists("prompt \(number)"))
      try client.put("prompt \(number)", value)
    case .pipeline:
      let get = client.request(.get, "key")
      let exist = client.request(.exist, "key")
      try client.peer.send(exist + get + exist)
      #expect(try client.reply().code == .success)
      #expect(try client.value() != nil)
      #expect(try client.reply().code == .success)
    case .gathered:
      // More values than one send takes.
      if number % 10 != 0 { return }
      try client.peer.send((0..<20).flatMap { _ in client.request(.get, "key") })
      _ = try client.peer.receive(20 * (client.generation.replyBytes + value.count))
    }
  }
}

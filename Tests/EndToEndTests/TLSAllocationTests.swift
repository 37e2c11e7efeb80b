import Foundation
import Testing
import Wire

/// By TLS, too, a request costs no allocation of ours. OpenSSL makes one for a record that it reads, and three of a few
/// bytes for one that it writes.
@Suite struct TLSAllocationTests {
  enum Work: String, CaseIterable {
    case exist, get, put, largeGet, largePut

    /// What OpenSSL allocates for a thousand of them.
    var ofLibrary: Int {
      switch self {
      case .exist, .get: 1000 * (1 + 3)
      // A header and a body, and no answer.
      case .put: 1000 * 2
      // A hundred, of 64 records and one for the header.
      case .largeGet: 100 * (1 + 3 * 65)
      case .largePut: 100 * 65
      }
    }
  }

  @Test(arguments: IODriver.available, Work.allCases)
  func requestsDoNotAllocate(driver: IODriver, work: Work) throws {
    let counter = try AllocationCounter()
    let flags = ["--loops", "1", "--tls-port", "0"] + Certificates.shared.flags
    let server = try RunningServer(driver, flags, environment: counter.environment)
    let client = LMPeer(peer: try server.secured(), generation: .nineInts)
    let (value, large) = (Payload.bytes(10_000, seed: 1), Payload.bytes(1 << 20, seed: 1))
    try client.putAndSee("key", value)
    try client.putAndSee("large", large)
    func run(_ count: Int) throws -> Int {
      #expect(try client.health())
      let before = counter.count
      for number in 0..<count {
        switch work {
        case .exist: #expect(try client.exists("key"))
        case .get: #expect(try client.get("key") != nil)
        case .put: try client.put("key", value)
        case .largeGet: if number % 10 == 0 { #expect(try client.get("large") != nil) }
        case .largePut: if number % 10 == 0 { try client.put("large", large) }
        }
      }
      #expect(try client.health())
      return counter.count - before
    }
    _ = try run(300)
    let many = try run(1000)
    // As without TLS: some a second are the housekeeping of a debug build.
    let most = work.ofLibrary + 200
    #expect(many <= most, "\(many) allocations for 1000 requests, of which OpenSSL makes \(work.ofLibrary)")
  }
}

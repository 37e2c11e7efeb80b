import COpenSSL
import Base
import Testing

@testable import TLS

/// What a client that has proved nothing may make the library take memory for.
@Suite struct HelloTests {
  /// A record of a handshake with the first bytes of a message.
  private static func record(_ message: [UInt8], kind: UInt8 = 22) -> [UInt8] {
    [kind, 3, 1, UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
  }

  private static func hello(announcing bytes: Int, having: Int = 0) -> [UInt8] {
    let header = [1, UInt8(bytes >> 16), UInt8(truncatingIfNeeded: bytes >> 8), UInt8(truncatingIfNeeded: bytes)]
    return header + [UInt8](repeating: 3, count: having)
  }

  /// What becomes of a server's handshake when so many of these bytes arrive at a time.
  private static func progress(_ bytes: [UInt8], by piece: Int = .max, in pair: Pair? = nil) throws -> TLSProgress {
    let server = try (pair ?? Pair()).server
    var rest = bytes[...]
    while !rest.isEmpty, server.failure == nil {
      rest = rest.dropFirst(server.give(rest.prefix(piece)))
      server.step()
    }
    return server.progress
  }

  @Test(arguments: [1, 2, 3, 7, .max])
  func aHelloThatIsTooLong(piece: Int) throws {
    let most = Limits.tlsMessageBytesMax
    #expect(try Self.progress(Self.record(Self.hello(announcing: most + 1)), by: piece) == .failed(.messageTooLong))
    #expect(try Self.progress(Self.record(Self.hello(announcing: 128 << 10)), by: piece) == .failed(.messageTooLong))
    #expect(try Self.progress(Self.record(Self.hello(announcing: most)), by: piece) == .needsBytes)
    // Behind what is no handshake, which the library may or may not have refused before.
    let behind = Self.record([1, 0], kind: 21) + Self.record(Self.hello(announcing: 128 << 10))
    guard case .failed = try Self.progress(behind, by: piece) else {
      Issue.record("it is waited for")
      return
    }
  }

  /// A header in pieces would have to be put together, and what stands behind a hello is none.
  @Test func headersThatHide() throws {
    let header = Self.hello(announcing: 128 << 10)
    for cut in 0..<4 {
      let split = Self.record(Array(header[..<cut])) + Self.record(Array(header[cut...]))
      #expect(try Self.progress(split) == .failed(.badRecord), "\(cut)")
    }
    let two = Self.record(Self.hello(announcing: 8, having: 8) + header)
    #expect(try Self.progress(two) == .failed(.badRecord))
    let late = Self.record(Self.hello(announcing: 8, having: 4)) + Self.record([0, 0, 0, 0] + header)
    #expect(try Self.progress(late) == .failed(.badRecord))
  }

  /// The library may refuse it as well, but has taken the memory by then.
  @Test(arguments: [false, true])
  func nothingStandsBehindAHello(isSplit: Bool) {
    func refusal(behind: [UInt8]) -> TLSFailure? {
      var gauge = HelloGauge()
      let first = Self.hello(announcing: 8, having: isSplit ? 4 : 8)
      let rest = (isSplit ? [0, 0, 0, 0] : []) + behind
      let sent = isSplit ? Self.record(first) + Self.record(rest) : Self.record(first + rest)
      return sent.withUnsafeBytes { gauge.refuses($0) }
    }
    #expect(refusal(behind: []) == nil && refusal(behind: [1]) == .badRecord)
    #expect(refusal(behind: Self.hello(announcing: 128 << 10)) == .badRecord)
  }

  /// By TLS 1.3 a client may be asked for a second hello, which is believed as the first was.
  @Test func aSecondHelloThatIsTooLong() throws {
    let context = try Certificates.shared.client()
    _ = lm_ssl_ctx_groups(context.pointer, "X25519:P-256")
    let pair = try Pair(client: context)
    pair.client.step()
    pair.carry()
    pair.server.step()
    #expect(pair.server.progress == .needsBytes && !pair.server.session.outbound.isEmpty, "another is asked for")
    let second = Self.record(Self.hello(announcing: 128 << 10))
    #expect(try Self.progress(second, in: pair) == .failed(.messageTooLong))
    // One as it should be is taken.
    let other = try Pair(client: context)
    other.shakeHands(by: 5)
    #expect(other.server.session.isEstablished && other.server.session.version == "TLSv1.3")
  }

  /// Some send a hello in several records.
  @Test(arguments: HandshakeTests.versions)
  func aHelloInPieces(version: Int32) throws {
    let pair = try Pair(client: Certificates.shared.client().limited(to: version))
    pair.client.step()
    let sent = pair.client.take(.max)
    var message = sent[5...]
    while !message.isEmpty {
      let part = Self.record(Array(message.prefix(50)))
      message = message.dropFirst(50)
      #expect(pair.server.give(part[...]) == part.count)
      pair.server.step()
    }
    pair.shakeHands()
    #expect(pair.server.session.isEstablished && pair.client.session.isEstablished)
  }

  @Test(arguments: HandshakeTests.versions)
  func aChainThatIsTooLong(version: Int32) throws {
    func meet(_ chain: Int) throws -> Pair {
      let context = try Certificates.shared.client().proving(.shared).limited(to: version)
      let file = try TLSFile(.authorities, Certificates.shared.path("ca.crt"))
      for _ in 0..<chain {
        _ = try file.forEachCertificate { certificate in _ = lm_ssl_ctx_add_chain(context.pointer, certificate) }
      }
      let pair = try Pair(clients: .required, client: context)
      pair.shakeHands()
      return pair
    }
    #expect(try meet(3).server.session.isEstablished)
    #expect(try meet(60).server.failure == .messageTooLong)
  }
}

import Base
import COpenSSL
import Testing

@testable import TLS

/// What is said behind the handshake, and what a wire can do to it.
@Suite struct RecordTests {
  private static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private static func established(_ version: Int32 = TLS1_3_VERSION) throws -> Pair {
    let pair = try Pair(client: Certificates.shared.client().limited(to: version))
    pair.shakeHands()
    pair.client.listen()
    try #require(pair.server.session.isEstablished)
    return pair
  }

  @Test(arguments: HandshakeTests.versions, [1, 1_000, 16_384, 16_385, 1_000_000])
  func messagesOfAnySize(version: Int32, size: Int) throws {
    let pair = try Self.established(version)
    let message = Self.bytes(size, seed: UInt64(size))
    Pair.send(message, from: pair.client, to: pair.server)
    Pair.send(message, from: pair.server, to: pair.client)
    #expect(pair.server.heard == message)
    #expect(pair.client.heard == message)
  }

  @Test func bytesOneByOne() throws {
    let pair = try Self.established()
    let message = Self.bytes(2000, seed: 3)
    Pair.send(message, from: pair.client, to: pair.server, by: 1)
    #expect(pair.server.heard == message)
  }

  /// Larger memory while there is much to be moved, with bytes in it.
  @Test func otherMemoryOnTheWay() throws {
    let pair = try Self.established()
    let other = UnsafeMutableRawBufferPointer.allocate(byteCount: 50_000, alignment: 16)
    defer { other.deallocate() }
    let message = Self.bytes(40_000, seed: 4)
    var said = pair.client.say(message[...])
    let own = pair.client.session.outbound.use(other)
    #expect(own.count == 20_000)
    while said < message.count { said += pair.client.say(message[said...]) }
    let sent = pair.client.take(.max)
    var given = 0
    while given < sent.count {
      given += pair.server.give(sent[given...])
      pair.server.listen()
      try #require(pair.server.readFailure == nil)
    }
    #expect(pair.server.heard == message)
    #expect(pair.client.session.outbound.use(own).count == 50_000)
  }

  @Test(arguments: HandshakeTests.versions)
  func anEndIsTold(version: Int32) throws {
    let pair = try Self.established(version)
    _ = pair.client.say([1, 2, 3])
    pair.client.session.end()
    pair.carry()
    pair.server.listen()
    #expect(pair.server.heard == [1, 2, 3])
    #expect(pair.server.reading == .ended)
    // The other direction goes on.
    Pair.send([4], from: pair.server, to: pair.client)
    #expect(pair.client.heard == [4])
    pair.server.session.end()
    let told = pair.server.session.outbound.count
    #expect(told > 0)
    pair.server.session.end()
    #expect(pair.server.session.outbound.count == told, "once")
  }

  /// A wire that is cut tells nothing: there is no end, and no part of the last record.
  @Test func aRecordCutShort() throws {
    let pair = try Self.established()
    _ = pair.client.say(Self.bytes(1000, seed: 5)[...])
    let record = pair.client.take(.max)
    _ = pair.server.give(record.dropLast())
    pair.server.listen()
    #expect(pair.server.heard.isEmpty)
    #expect(pair.server.reading == .needsBytes)
    #expect(pair.server.session.inbound.isEmpty, "the pipe is free for the rest")
    _ = pair.server.give(record.suffix(1))
    pair.server.listen()
    #expect(pair.server.heard.count == 1000)
  }

  /// Each byte of a record in turn.
  @Test(arguments: HandshakeTests.versions)
  func changedBytesAreNoticed(version: Int32) throws {
    let length = 40
    var position = 0
    while true {
      let pair = try Self.established(version)
      _ = pair.client.say(Self.bytes(length, seed: 6)[...])
      var record = pair.client.take(.max)
      guard position < record.count else { break }
      record[position] ^= 0x41
      // What claims to be longer than it is waits for more: a second record completes it.
      _ = pair.client.say(Self.bytes(16_000, seed: 7)[...])
      _ = pair.server.give((record + pair.client.take(.max))[...])
      pair.server.listen()
      #expect(pair.server.heard.isEmpty, "byte \(position)")
      let isNoticed = pair.server.readFailure != nil || pair.server.reading == .needsBytes
      #expect(isNoticed, "byte \(position): \(pair.server.reading)")
      if position > 4 { #expect(pair.server.readFailure == .badRecord, "byte \(position)") }
      position += 1
    }
    #expect(position > length)
  }

  @Test func garbageFromTheStart() throws {
    for seed in 0..<200 {
      let pair = try Pair()
      var noise = Self.bytes(500, seed: UInt64(seed))
      // Half of it looks like a handshake at first.
      if seed % 2 == 0 { noise.replaceSubrange(0..<6, with: [22, 3, 1, 0, 200, 1]) }
      _ = pair.server.give(noise[...])
      pair.server.step()
      #expect(pair.server.failure != nil || pair.server.progress == .needsBytes)
      #expect(!pair.server.session.isEstablished)
    }
    let pair = try Pair()
    _ = pair.server.give(Array("GET / HTTP/1.1\r\n\r\n".utf8)[...])
    pair.server.step()
    #expect(pair.server.failure == .notTLS)
    #expect(pair.server.session.read(into: .allocate(byteCount: 8, alignment: 8)) == .failed(.other))
  }

  /// A handshake in the middle of a session is refused, and the session goes on.
  @Test func renegotiationIsRefused() throws {
    let pair = try Self.established(TLS1_2_VERSION)
    SSL_clear_options(pair.client.session.session, UInt64(lm_ssl_options()))
    #expect(SSL_renegotiate(pair.client.session.session) == 1)
    _ = SSL_do_handshake(pair.client.session.session)
    pair.carry()
    pair.server.listen()
    #expect(pair.server.reading == .needsBytes)
    let refusal = pair.server.take(.max)
    #expect(refusal.first == 21, "an alert, and no ServerHello")
    #expect(pair.server.session.outbound.isEmpty)
    Pair.send([1], from: pair.server, to: pair.client)
  }

  /// New keys are taken at any time, also where their answer has no room yet.
  @Test func newKeysAreTaken() throws {
    let pair = try Self.established()
    for round in 0..<20 {
      SSL_key_update(pair.client.session.session, SSL_KEY_UPDATE_REQUESTED)
      let message = Self.bytes(100, seed: UInt64(round))
      Pair.send(message, from: pair.client, to: pair.server)
      #expect(pair.server.heard.suffix(100) == message[...])
      Pair.send(message, from: pair.server, to: pair.client)
      #expect(pair.client.heard.suffix(100) == message[...])
    }
  }
}

import COpenSSL
import Testing

@testable import TLS

/// Who may speak to whom, and what is said when they may not.
@Suite struct HandshakeTests {
  static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

  @Test(arguments: versions, [Certificates.shared, .rsa].indices)
  func bothVersionsWithBothKindsOfKeys(version: Int32, kind: Int) throws {
    let certificates = [Certificates.shared, .rsa][kind]
    let pair = try Pair(certificates, client: certificates.client().limited(to: version))
    pair.shakeHands()
    #expect(pair.client.session.isEstablished && pair.server.session.isEstablished)
    #expect(pair.server.session.version == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"))
    #expect(pair.server.session.cipher.contains("AES128-GCM-SHA256") || version == TLS1_3_VERSION)
    #expect(pair.server.session.cipher == "TLS_AES_128_GCM_SHA256" || version == TLS1_2_VERSION)
    #expect(!pair.server.session.isResumed)
    #expect(pair.server.session.peer == nil, "nobody was asked")
    Pair.send(Array("question".utf8), from: pair.client, to: pair.server)
    Pair.send(Array("answer".utf8), from: pair.server, to: pair.client)
    #expect(pair.server.heard == Array("question".utf8))
    #expect(pair.client.heard == Array("answer".utf8))
  }

  /// A wire that delivers so few bytes at a time, and pipes that hold so few.
  @Test(arguments: versions, [(1, 20_000), (7, 20_000), (.max, 64), (3, 16)])
  func aSlowWireAndSmallPipes(version: Int32, sizes: (wire: Int, pipe: Int)) throws {
    let pair = try Pair(
      clients: .required, client: Certificates.shared.client().proving(.shared).limited(to: version),
      pipeBytes: sizes.pipe)
    pair.shakeHands(by: sizes.wire)
    #expect(pair.client.session.isEstablished && pair.server.session.isEstablished)
    #expect(pair.server.session.peer?.name == "CN=engine,O=lmcache-server")
    #expect(pair.server.session.peer?.commonName == "engine")
  }

  @Test(arguments: versions)
  func clientsThatShouldProveWhoTheyAre(version: Int32) throws {
    func meet(_ clients: ClientCertificates, _ proof: Certificates?) throws -> Pair {
      var context = try Certificates.shared.client().limited(to: version)
      if let proof { context = context.proving(proof) }
      let pair = try Pair(clients: clients, client: context)
      pair.shakeHands()
      // By TLS 1.3 a client hears of its refusal behind the handshake.
      pair.client.listen()
      return pair
    }
    #expect(try meet(.required, .shared).server.session.peer?.commonName == "engine")
    #expect(try meet(.optional, .shared).server.session.peer?.commonName == "engine")
    #expect(try meet(.none, .shared).server.session.peer == nil)
    let silent = try meet(.optional, nil)
    #expect(silent.server.session.isEstablished && silent.server.session.peer == nil)
    let refusals: [(ClientCertificates, Certificates?, TLSFailure)] = [
      (.required, nil, .noCertificate), (.required, .rsa, .untrusted), (.optional, .rsa, .untrusted),
    ]
    for (clients, proof, failure) in refusals {
      let pair = try meet(clients, proof)
      #expect(pair.server.failure == failure)
      #expect(!pair.server.session.complaint.isEmpty)
      #expect(pair.client.failure == .refusedByPeer || pair.client.readFailure == .refusedByPeer)
      #expect(!pair.server.session.isEstablished && pair.server.session.peer == nil)
    }
  }

  @Test func anExpiredClientIsRefused() throws {
    let pair = try Pair(
      .expired, clients: .required, client: Certificates.expired.client(verifies: false).proving(.expired))
    pair.shakeHands()
    #expect(pair.server.failure == .expired)
  }

  @Test func serversThatAreNotBelieved() throws {
    func failure(_ certificates: Certificates, host: String?, client: TLSContext) throws -> TLSFailure? {
      let pair = try Pair(certificates, host: host, client: client)
      pair.shakeHands()
      #expect(pair.client.failure == nil || pair.server.failure == .refusedByPeer)
      return pair.client.failure
    }
    let trusting = try Certificates.shared.client()
    for host in ["localhost", "127.0.0.1", "::1", nil] {
      #expect(try failure(.shared, host: host, client: trusting) == nil, "\(host ?? "any")")
    }
    #expect(try failure(.shared, host: "cache.example", client: trusting) == .wrongHost)
    #expect(try failure(.shared, host: "127.0.0.2", client: trusting) == .wrongHost)
    #expect(try failure(.rsa, host: "localhost", client: trusting) == .untrusted)
    #expect(try failure(.expired, host: "localhost", client: Certificates.expired.client()) == .expired)
    let system = try TLSContext.client(authorities: nil, verifies: true)
    #expect(try failure(.shared, host: "localhost", client: system) == .untrusted)
    let careless = try TLSContext.client(authorities: nil, verifies: false)
    #expect(try failure(.expired, host: "cache.example", client: careless) == nil)
  }

  @Test func oldVersionsAreRefused() throws {
    let old = try Certificates.shared.client().limited(to: TLS1_1_VERSION)
    SSL_CTX_set_security_level(old.pointer, 0)
    SSL_CTX_ctrl(old.pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_VERSION), nil)
    SSL_CTX_set_cipher_list(old.pointer, "ALL:@SECLEVEL=0")
    let pair = try Pair(client: old)
    pair.shakeHands()
    #expect(pair.server.failure == .noCommonVersion)
    var settings = Certificates.shared.settings()
    settings.version = .v1_3
    let newest = try Pair(
      client: Certificates.shared.client().limited(to: TLS1_2_VERSION), server: TLSContext.server(settings))
    newest.shakeHands()
    #expect(newest.server.failure == .noCommonVersion)
  }

  /// What a FIPS provider does not have is not spoken, whoever offers it.
  @Test func otherAlgorithmsAreRefused() throws {
    let chacha = try Certificates.shared.client()
    SSL_CTX_set_ciphersuites(chacha.pointer, "TLS_CHACHA20_POLY1305_SHA256")
    let pair = try Pair(client: chacha.limited(to: TLS1_3_VERSION))
    SSL_CTX_ctrl(chacha.pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_3_VERSION), nil)
    pair.shakeHands()
    #expect(pair.server.failure == .noCommonCipher)
    let curve = try Certificates.shared.client()
    _ = lm_ssl_ctx_groups(curve.pointer, "X25519")
    let other = try Pair(client: curve)
    other.shakeHands()
    #expect(other.server.failure == .noCommonCipher)
    for cbc in ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA"] {
      let context = try Certificates.shared.client().limited(to: TLS1_2_VERSION)
      SSL_CTX_set_cipher_list(context.pointer, cbc)
      let pair = try Pair(client: context)
      pair.shakeHands()
      #expect(pair.server.failure == .noCommonCipher, "\(cbc)")
    }
  }

  /// SHA-1 can be forged: nobody signs by it here, nor is believed for it.
  @Test(arguments: versions, [Certificates.shared, .rsa].indices)
  func whoOnlySignsBySHA1IsRefused(version: Int32, kind: Int) throws {
    let certificates = [Certificates.shared, .rsa][kind]
    let context = try certificates.client().limited(to: version)
    SSL_CTX_set_security_level(context.pointer, 0)
    #expect(lm_ssl_ctx_signatures(context.pointer, "ECDSA+SHA1:RSA+SHA1") == 1)
    let pair = try Pair(certificates, client: context)
    pair.shakeHands()
    #expect(pair.server.failure == .noCommonCipher)
    #expect(!pair.client.session.isEstablished)
  }

  @Test(arguments: versions)
  func aCertificateSignedBySHA1IsNotBelieved(version: Int32) throws {
    let own = try Certificates()
    try own.signBySHA1("client")
    let client = try own.client(verifies: false).limited(to: version)
    SSL_CTX_set_security_level(client.pointer, 0)
    let pair = try Pair(own, clients: .required, client: client.proving(own))
    pair.shakeHands()
    #expect(pair.server.failure == .untrusted)
    #expect(SSL_get_verify_result(pair.server.session.session) == Int(X509_V_ERR_CA_MD_TOO_WEAK))
    let server = try TLSContext.server(own.settings())
    SSL_CTX_set_security_level(server.pointer, 0)
    try own.signBySHA1("server")
    #expect(SSL_CTX_use_certificate_file(server.pointer, own.path("server.crt"), SSL_FILETYPE_PEM) == 1)
    let other = try Pair(host: nil, client: own.client().limited(to: version), server: server)
    other.shakeHands()
    #expect(other.client.failure == .untrusted)
  }

  /// The name of the client comes along, though it proves nothing anew.
  @Test(arguments: versions)
  func aClientThatComesAgain(version: Int32) throws {
    let context = try Certificates.shared.client().proving(.shared).limited(to: version)
    let server = try TLSContext.server(Certificates.shared.settings(.required))
    let first = try Pair(client: context, server: server)
    first.shakeHands()
    Pair.send([1], from: first.server, to: first.client)
    let ticket = try #require(SSL_get1_session(first.client.session.session))
    defer { SSL_SESSION_free(ticket) }
    let again = try Pair(client: context, server: server)
    SSL_set_session(again.client.session.session, ticket)
    again.shakeHands()
    #expect(again.server.session.isResumed)
    #expect(again.server.session.peer?.commonName == "engine")
    // Another context has other keys for tickets: what new files say holds for everybody.
    let reloaded = try Pair(client: context, server: TLSContext.server(Certificates.shared.settings(.required)))
    SSL_set_session(reloaded.client.session.session, ticket)
    reloaded.shakeHands()
    #expect(reloaded.server.session.isEstablished && !reloaded.server.session.isResumed)
  }
}

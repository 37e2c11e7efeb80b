import Base
import COpenSSL
import Glibc

/// How far a call came.
package enum TLSProgress: Equatable, Sendable {
  case done
  /// More of the other side's bytes have to arrive first.
  case needsBytes
  /// What is to be sent has to leave first.
  case needsRoom
  case failed(TLSFailure)
}

/// How much of what is to be said is in records now: all of it, unless the other side wants smaller ones.
package enum TLSWriting: Equatable, Sendable {
  case bytes(Int)
  case needsBytes
  case needsRoom
  case failed(TLSFailure)
}

/// What a reading found.
package enum TLSReading: Equatable, Sendable {
  case bytes(Int)
  case needsBytes
  case needsRoom
  /// The other side has said that nothing more comes.
  case ended
  case failed(TLSFailure)
}

/// One TLS session over two pipes. It knows no socket and never waits: its owner brings what arrived, and takes away
/// what is to be sent. One thread at a time uses it; several of its tasks may.
package final class TLSSession {
  package enum Role {
    case server
    /// Nil: a certificate of any host will do, if the context trusts it.
    case client(host: String?)
  }

  let session: OpaquePointer
  private let pipes: UnsafeMutablePointer<TLSPipes>
  private let isServer: Bool
  private var hello = HelloGauge()
  private(set) package var isEstablished = false
  /// Nothing is read or written any more after a failure, not even an end.
  private var hasFailed = false
  /// What the library said of the failure.
  private(set) package var complaint = ""

  /// Nil when there is no memory for it.
  /// - Parameters:
  ///   - inbound: where what arrives is kept; the session's for as long as it lives, or until it is given other memory.
  ///   - outbound: the same for what is to be sent.
  package init?(
    _ context: TLSContext, _ role: Role, inbound: UnsafeMutableRawBufferPointer,
    outbound: UnsafeMutableRawBufferPointer
  ) {
    ERR_clear_error()
    guard let session = SSL_new(context.pointer) else { return nil }
    let pipes = UnsafeMutablePointer<TLSPipes>.allocate(capacity: 1)
    pipes.initialize(to: TLSPipes(inbound: TLSPipe(inbound), outbound: TLSPipe(outbound)))
    guard let stream = TLSStream.make(over: pipes) else {
      SSL_free(session)
      pipes.deallocate()
      return nil
    }
    // The session owns the stream from here on.
    SSL_set_bio(session, stream, stream)
    (self.session, self.pipes) = (session, pipes)
    if case .server = role { isServer = true } else { isServer = false }
    switch role {
    case .server: SSL_set_accept_state(session)
    case .client(let host):
      SSL_set_connect_state(session)
      if let host, !expect(host) { return nil }
    }
  }

  deinit {
    SSL_free(session)
    pipes.deallocate()
  }

  /// The certificate has to be this host's.
  private func expect(_ host: String) -> Bool {
    // The one name that passes for an address elsewhere is a name in a certificate.
    if host != "localhost", IPAddress(host) != nil {
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
    }
    SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    return lm_ssl_server_name(session, host) == 1 && SSL_set1_host(session, host) == 1
  }

  // MARK: Ciphertext

  package var inbound: TLSPipe {
    _read { yield pipes.pointee.inbound }
    _modify { yield &pipes.pointee.inbound }
  }

  package var outbound: TLSPipe {
    _read { yield pipes.pointee.outbound }
    _modify { yield &pipes.pointee.outbound }
  }

  /// So much more has arrived, where there was room. Returns a failure where the handshake is to go no further: a client that
  /// has proved nothing yet announces more than the library is to take memory for.
  package func arrived(_ count: Int) -> TLSFailure? {
    let bytes = UnsafeRawBufferPointer(rebasing: inbound.room[..<count])
    inbound.arrived(count)
    // By TLS 1.2 nothing but the first hello is believed like that, and what follows may be encrypted.
    guard isServer, !isEstablished, SSL_version(session) != TLS1_2_VERSION else { return nil }
    guard let failure = hello.refuses(bytes) else { return nil }
    hasFailed = true
    return failure
  }

  // MARK: What is said

  /// One step of the handshake, as far as the bytes that are there let it go.
  package func shakeHands() -> TLSProgress {
    ERR_clear_error()
    let result = SSL_do_handshake(session)
    if result == 1 {
      isEstablished = true
      return .done
    }
    switch SSL_get_error(session, result) {
    case SSL_ERROR_WANT_READ: return .needsBytes
    case SSL_ERROR_WANT_WRITE: return .needsRoom
    default: return .failed(fail())
    }
  }

  /// Takes what the other side said, at most a record of it.
  package func read(into memory: UnsafeMutableRawBufferPointer) -> TLSReading {
    precondition(memory.count > 0, "room for what was said")
    if hasFailed { return .failed(.other) }
    ERR_clear_error()
    let count = SSL_read(session, memory.baseAddress, Int32(clamping: memory.count))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(session, count) {
    case SSL_ERROR_WANT_READ: return .needsBytes
    case SSL_ERROR_WANT_WRITE: return .needsRoom
    case SSL_ERROR_ZERO_RETURN: return .ended
    default: return .failed(fail())
    }
  }

  /// How much can be said in one record now. Nothing while the pipe has no room.
  package var writableBytes: Int {
    min(Limits.tlsRecordBytes, max(0, outbound.room.count - Limits.tlsRecordOverheadBytes))
  }

  /// Says what is at most a record, for which there is room. What needs room has to be said again, and first, when there is.
  package func write(_ bytes: UnsafeRawBufferPointer) -> TLSWriting {
    precondition(bytes.count > 0 && bytes.count <= writableBytes, "a record fits")
    if hasFailed { return .failed(.other) }
    ERR_clear_error()
    let count = SSL_write(session, bytes.baseAddress, Int32(bytes.count))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(session, count) {
    case SSL_ERROR_WANT_READ: return .needsBytes
    case SSL_ERROR_WANT_WRITE: return .needsRoom
    default: return .failed(fail())
    }
  }

  /// Tells the other side that nothing more is said. It cannot be told after a failure, which has told it already.
  package func end() {
    guard isEstablished, !hasFailed, SSL_get_shutdown(session) & SSL_SENT_SHUTDOWN == 0 else { return }
    ERR_clear_error()
    _ = SSL_shutdown(session)
  }

  private func fail() -> TLSFailure {
    let failure = TLSFailure(of: session)
    hasFailed = true
    complaint = TLSFailure.words
    ERR_clear_error()
    return failure
  }

  // MARK: What came of the handshake

  package var isResumed: Bool { SSL_session_reused(session) == 1 }

  /// Such as `TLSv1.3`.
  package var version: String { String(cString: SSL_get_version(session)) }

  package var cipher: String { SSL_CIPHER_get_name(SSL_get_current_cipher(session)).map { String(cString: $0) } ?? "" }

  /// Who the other side has proved to be; nil when it was not asked, or said nothing.
  package var peer: TLSSubject? {
    guard SSL_get_verify_result(session) == X509_V_OK, let certificate = SSL_get1_peer_certificate(session) else {
      return nil
    }
    defer { X509_free(certificate) }
    return TLSSubject(of: certificate)
  }
}

import Base
import COpenSSL

/// What sessions of one kind have in common: certificate, key, whom to trust. It never changes; new files make a new one, and
/// sessions keep the one that they began with.
package final class TLSContext: @unchecked Sendable {
  let pointer: OpaquePointer
  /// When the certificate expires, in seconds of the calendar; nil where this side has none.
  package let expirySeconds: Int?

  /// TLS 1.2 and 1.3 with what a FIPS provider has: AES-GCM, SHA-2, curves of NIST, RSA and ECDSA.
  private static let ciphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
  private static let ciphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
  private static let groups = "P-256:P-384:P-521"
  private static let signatures =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
    + "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
  /// RSA of 2048 bits and more, SHA-2 in certificates.
  private static let securityLevel: Int32 = 2

  private init(_ pointer: OpaquePointer, expirySeconds: Int?) {
    self.pointer = pointer
    self.expirySeconds = expirySeconds
  }

  deinit { SSL_CTX_free(pointer) }

  /// For a server, from its files.
  package static func server(_ settings: TLSSettings) throws(TLSFileFailure) -> TLSContext {
    let pointer = make(TLS_server_method(), settings.version)
    var isWhole = false
    defer { if !isWhole { SSL_CTX_free(pointer) } }
    let expiry = try TLSContextFiles.loadIdentity(
      certificate: settings.certificate, key: settings.key, into: pointer)
    if settings.clients != .none, let path = settings.authorities {
      try TLSContextFiles.loadAuthorities(TLSFile(.authorities, path), into: pointer, areNamed: true)
      let mode = SSL_VERIFY_PEER | (settings.clients == .required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
      SSL_CTX_set_verify(pointer, mode, nil)
      _ = lm_ssl_ctx_max_chain(pointer, Limits.tlsMessageBytesMax)
    }
    // Tickets hold all that a session needs to go on: nothing of it is kept here.
    _ = lm_ssl_ctx_cache(pointer, Int(SSL_SESS_CACHE_OFF))
    SSL_CTX_set_timeout(pointer, Limits.tlsTicketSeconds)
    let name = Array("lmcache-server".utf8)
    SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count))
    isWhole = true
    return TLSContext(pointer, expirySeconds: expiry)
  }

  /// For a client.
  /// - Parameters:
  ///   - authorities: whom to trust; nil for those of the system.
  ///   - verifies: false believes any certificate.
  ///   - own: files of a certificate and its key, for servers that ask who comes.
  package static func client(
    authorities: String?, verifies: Bool, own: (certificate: String, key: String)? = nil
  ) throws(TLSFileFailure) -> TLSContext {
    let pointer = make(TLS_client_method(), .v1_2)
    var isWhole = false
    defer { if !isWhole { SSL_CTX_free(pointer) } }
    if let authorities {
      try TLSContextFiles.loadAuthorities(TLSFile(.authorities, authorities), into: pointer, areNamed: false)
    } else {
      _ = SSL_CTX_set_default_verify_paths(pointer)
    }
    SSL_CTX_set_verify(pointer, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    var expiry: Int?
    if let own { expiry = try TLSContextFiles.loadIdentity(certificate: own.certificate, key: own.key, into: pointer) }
    isWhole = true
    return TLSContext(pointer, expirySeconds: expiry)
  }

  private static func make(_ method: OpaquePointer?, _ version: TLSVersion) -> OpaquePointer {
    guard let pointer = SSL_CTX_new(method) else { preconditionFailure("out of memory for TLS") }
    let isSet =
      lm_ssl_ctx_min_version(pointer, version == .v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1
      && SSL_CTX_set_cipher_list(pointer, ciphers12) == 1 && SSL_CTX_set_ciphersuites(pointer, ciphers13) == 1
      && lm_ssl_ctx_groups(pointer, groups) == 1 && lm_ssl_ctx_signatures(pointer, signatures) == 1
    precondition(isSet, "the library knows what every FIPS provider has")
    SSL_CTX_set_security_level(pointer, securityLevel)
    // Compression leaks what is said; a handshake in the middle of a session is work without a bound.
    SSL_CTX_set_options(pointer, UInt64(lm_ssl_options()))
    // What is said again may stand elsewhere by then.
    _ = lm_ssl_ctx_mode(pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
    return pointer
  }
}

import COpenSSL
import Glibc

/// Brings what files hold into a context.
enum TLSContextFiles {
  /// This side's own certificate and key; when the certificate expires, in seconds of the calendar.
  static func loadIdentity(
    certificate: String, key keyPath: String, into context: OpaquePointer
  ) throws(TLSFileFailure) -> Int? {
    let file = try TLSFile(.certificate, certificate)
    var expiry: Int?
    var isFirst = true
    let count = try file.forEachCertificate { (certificate) throws(TLSFileFailure) in
      ERR_clear_error()
      if isFirst {
        guard SSL_CTX_use_certificate(context, certificate) == 1 else { throw file.failure(weakness) }
        expiry = seconds(of: X509_get0_notAfter(certificate))
        isFirst = false
      } else if lm_ssl_ctx_add_chain(context, certificate) != 1 {
        throw file.failure(weakness)
      }
    }
    guard count > 0 else { throw file.failure("holds no certificate in PEM") }
    let keyFile = try TLSFile(.key, keyPath)
    let key = try keyFile.privateKey()
    defer { EVP_PKEY_free(key) }
    ERR_clear_error()
    guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
      let reason = lm_error_reason(ERR_peek_last_error())
      // A key of another kind finds no certificate at all.
      let others = [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH, SSL_R_NO_CERTIFICATE_ASSIGNED]
      let isOthers = others.contains(reason)
      defer { ERR_clear_error() }
      throw keyFile.failure(
        isOthers
          ? "is not the key of the first certificate in \(certificate)"
          : "cannot be used (\(TLSFailure.words))")
    }
    return expiry
  }

  /// Whom to trust.
  /// - Parameter areNamed: clients are told whose certificates they may show.
  static func loadAuthorities(
    _ file: borrowing TLSFile, into context: OpaquePointer, areNamed: Bool
  ) throws(TLSFileFailure) {
    let store = SSL_CTX_get_cert_store(context)
    var refusal: String?
    let count = try file.forEachCertificate { certificate in
      ERR_clear_error()
      let isTaken =
        X509_STORE_add_cert(store, certificate) == 1 && (!areNamed || SSL_CTX_add_client_CA(context, certificate) == 1)
      if !isTaken { refusal = refusal ?? weakness }
    }
    if let refusal { throw file.failure(refusal) }
    guard count > 0 else { throw file.failure("holds no certificate in PEM") }
  }

  /// What the library says of a certificate that it does not take.
  private static var weakness: String {
    defer { ERR_clear_error() }
    return switch lm_error_reason(ERR_peek_last_error()) {
    case SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL:
      "has a key that is too short; RSA needs 2048 bits, a curve 256"
    case SSL_R_CA_MD_TOO_WEAK: "is signed with SHA-1 or MD5; have it signed with SHA-256"
    default: "cannot be used (\(TLSFailure.words))"
    }
  }

  private static func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int? {
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return timegm(&parts)
  }
}

import COpenSSL

/// Why a session has failed. Each has a stable name for metrics and logs.
package enum TLSFailure: Int, CaseIterable, Error, Sendable {
  /// The first bytes are no TLS.
  case notTLS
  case noCommonVersion
  /// Nor a common group, or way to sign.
  case noCommonCipher
  case noCertificate
  /// The other side's certificate is not one that we trust.
  case untrusted
  case expired
  /// It is another host's.
  case wrongHost
  /// The other side ended it, with an alert.
  case refusedByPeer
  /// Bytes that were changed on their way, or never made by the other side.
  case badRecord
  /// A hello or a chain of certificates that is longer than any that clients send.
  case messageTooLong
  case outOfMemory
  case other

  package var label: StaticString {
    switch self {
    case .notTLS: "not_tls"
    case .noCommonVersion: "no_common_version"
    case .noCommonCipher: "no_common_cipher"
    case .noCertificate: "no_certificate"
    case .untrusted: "untrusted"
    case .expired: "expired"
    case .wrongHost: "wrong_host"
    case .refusedByPeer: "refused_by_peer"
    case .badRecord: "bad_record"
    case .messageTooLong: "message_too_long"
    case .outOfMemory: "out_of_memory"
    case .other: "other"
    }
  }

  /// What the last call of this thread failed of.
  init(of session: OpaquePointer) {
    let code = ERR_peek_last_error()
    let reason = lm_error_reason(code)
    if lm_error_is_memory(code) != 0 {
      self = .outOfMemory
    } else if reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
      self = Self.verification(SSL_get_verify_result(session))
    } else if reason >= SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
      self = .refusedByPeer
    } else {
      self = Self.reasons[reason] ?? .other
    }
  }

  /// The words of the library for what failed last on this thread; empty when it has none.
  static var words: String {
    guard let text = ERR_reason_error_string(ERR_peek_last_error()) else { return "" }
    return String(cString: text)
  }

  private static func verification(_ result: Int) -> TLSFailure {
    switch Int32(truncatingIfNeeded: result) {
    case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .expired
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .wrongHost
    default: .untrusted
    }
  }

  private static let reasons: [Int32: TLSFailure] = [
    SSL_R_WRONG_VERSION_NUMBER: .notTLS, SSL_R_HTTP_REQUEST: .notTLS, SSL_R_HTTPS_PROXY_REQUEST: .notTLS,
    SSL_R_UNKNOWN_PROTOCOL: .notTLS,
    SSL_R_UNSUPPORTED_PROTOCOL: .noCommonVersion, SSL_R_VERSION_TOO_LOW: .noCommonVersion,
    SSL_R_NO_SHARED_CIPHER: .noCommonCipher, SSL_R_NO_SUITABLE_KEY_SHARE: .noCommonCipher,
    SSL_R_NO_SHARED_GROUPS: .noCommonCipher, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: .noCommonCipher,
    SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: .noCommonCipher, SSL_R_WRONG_CURVE: .noCommonCipher,
    SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .noCertificate,
    SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: .badRecord, SSL_R_BAD_RECORD_TYPE: .badRecord,
    SSL_R_UNEXPECTED_MESSAGE: .badRecord, SSL_R_UNEXPECTED_RECORD: .badRecord, SSL_R_PACKET_LENGTH_TOO_LONG: .badRecord,
    SSL_R_ENCRYPTED_LENGTH_TOO_LONG: .badRecord, SSL_R_DATA_LENGTH_TOO_LONG: .badRecord,
    SSL_R_LENGTH_MISMATCH: .badRecord, SSL_R_DIGEST_CHECK_FAILED: .badRecord, SSL_R_BAD_SIGNATURE: .badRecord,
    SSL_R_TOO_MANY_WARN_ALERTS: .badRecord, SSL_R_RECORD_TOO_SMALL: .badRecord,
    SSL_R_EXCESSIVE_MESSAGE_SIZE: .messageTooLong,
  ]
}

import COpenSSL

/// Whom a certificate is about.
package struct TLSSubject: Equatable, Sendable {
  /// The whole name by RFC 2253: `CN=engine-0,OU=inference,O=Example`.
  package let name: String
  /// Nil where the name has none, or more than one.
  package let commonName: String?

  init?(of certificate: OpaquePointer) {
    guard let subject = X509_get_subject_name(certificate), let name = Self.text(of: subject) else { return nil }
    self.name = name
    commonName = Self.commonName(of: subject)
  }

  private static func text(of subject: OpaquePointer) -> String? {
    guard let memory = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(memory) }
    guard X509_NAME_print_ex(memory, subject, 0, lm_name_flags()) >= 0 else { return nil }
    var start: UnsafeMutablePointer<CChar>?
    let count = BIO_ctrl(memory, BIO_CTRL_INFO, 0, &start)
    guard count >= 0, let start else { return count == 0 ? "" : nil }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  private static func commonName(of subject: OpaquePointer) -> String? {
    let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard place >= 0, X509_NAME_get_index_by_NID(subject, NID_commonName, place) < 0 else { return nil }
    var start: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&start, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)))
    guard count > 0, let start else { return nil }
    defer { CRYPTO_free(start, nil, 0) }
    let bytes = UnsafeBufferPointer(start: start, count: Int(count))
    // A name with a zero byte means one thing here and another where it ends a text.
    return bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

import Base

extension Limits {
  // MARK: Records
  /// The most of what is said that one record carries, by the standard.
  package static let tlsRecordBytes = 16 * 1024
  /// What a record adds: 29 bytes by TLS 1.2, 22 by 1.3.
  package static let tlsRecordOverheadBytes = 64

  // MARK: Sessions
  /// A client that comes again within this time proves nothing anew, and its certificate may have expired meanwhile.
  static let tlsTicketSeconds = 3600

  // MARK: Handshakes
  /// A client's hello, or its certificates: a ticket with its certificate in it and keys that quantum computers do not
  /// break take 4 KiB, a chain of six certificates with RSA-4096 keys 12.
  package static let tlsMessageBytesMax = 16 * 1024

  // MARK: Files
  /// A bundle of every public authority is a quarter of this.
  static let tlsFileBytesMax = 1024 * 1024

  package static func checkTLS() {
    precondition(tlsRecordOverheadBytes >= 29, "what a record adds is known")
  }
}

/// What a side of TLS is told; all of it a server's.
package struct TLSSettings: Equatable, Sendable {
  /// The certificate with those of the authorities between it and the root behind it, in PEM.
  package var certificate = ""
  package var key = ""
  /// Whose certificates clients may show; nil when they are not asked for one.
  package var authorities: String?
  package var clients = ClientCertificates.none
  package var version = TLSVersion.v1_2

  package init() {}

  /// Those that are read.
  package var files: [String] { [certificate, key, authorities ?? ""].filter { !$0.isEmpty } }
}

/// Whether clients prove who they are.
package enum ClientCertificates: String, CaseIterable, Sendable {
  case none, optional, required
}

package enum TLSVersion: String, CaseIterable, Sendable {
  case v1_2 = "1.2"
  case v1_3 = "1.3"
}

/// Which file is meant, so that the message can say by which option it was named.
package enum TLSFileKind: Sendable {
  case certificate, key, authorities
}

/// What is wrong with a file, fit to follow its name in one line.
package struct TLSFileFailure: Error, Equatable, Sendable {
  package let kind: TLSFileKind
  package let path: String
  package let complaint: String
}

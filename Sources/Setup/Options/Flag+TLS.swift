import Base
import TLS

/// The records of what TLS takes.
extension Flag {
  static let aboutTLS = [tlsPort, tlsLookup, tlsPeer, tlsAdmin] + aboutTLSDoors + aboutLookupTLS
  static let aboutTLSDoors = [tlsCertificate, tlsKey, tlsAuthorities, tlsClients, tlsVersion]

  package static let tlsPort = Flag(
    "tls-port", takes: "[HOST:]PORT",
    "serve TLS here: all that --port speaks, on its address unless another is given; 0 takes a free one",
    standard: "none", example: "65433", sets: \.tls.data
  ) { (setting) throws(OptionFailure) in try setting.portOrAddress() }

  package static let tlsLookup = Flag(
    "tls-lookup", takes: "HOST:PORT", "serve the lookup registry by TLS here", standard: "none",
    example: "0.0.0.0:8101", sets: \.tls.lookup
  ) { (setting) throws(OptionFailure) in try setting.address() }

  package static let tlsPeer = Flag(
    "tls-peer", takes: "HOST:PORT", "serve chunks by TLS here as --peer does", standard: "none",
    example: "0.0.0.0:8201", sets: \.tls.peer
  ) { (setting) throws(OptionFailure) in try setting.address() }

  package static let tlsAdmin = Flag(
    "tls-admin", takes: "HOST:PORT", "serve what --admin does by TLS here; without a host on 127.0.0.1",
    standard: "none", example: "127.0.0.1:65431", sets: \.tls.admin
  ) { (setting) throws(OptionFailure) in try setting.adminAddress() }

  package static let tlsCertificate = Flag(
    "tls-cert", takes: "FILE", "the server's certificate in PEM, those that lead to its root behind it",
    standard: "none", example: "/run/tls/tls.crt", sets: \.tls.certificate
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let tlsKey = Flag(
    "tls-key", takes: "FILE", "the certificate's private key in PEM, without a passphrase", standard: "none",
    example: "/run/tls/tls.key", sets: \.tls.key
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let tlsAuthorities = Flag(
    "tls-ca", takes: "FILE", "whose certificates clients may show, in PEM", standard: "none",
    example: "/run/tls/ca.crt", sets: \.tls.authorities
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let tlsClients = Flag(
    "tls-client-auth", takes: choices(of: ClientCertificates.self), "whether TLS clients show a certificate",
    standard: ClientCertificates.none.rawValue, example: ClientCertificates.required.rawValue, sets: \.tls.clients
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let tlsVersion = Flag(
    "tls-min-version", takes: choices(of: TLSVersion.self), "the oldest TLS that is spoken",
    standard: TLSVersion.v1_2.rawValue, example: TLSVersion.v1_3.rawValue, sets: \.tls.version
  ) { (setting) throws(OptionFailure) in try setting.choice() }
}

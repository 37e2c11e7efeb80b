import Base

/// The records of what TLS takes on the way to the registry of --lookup-url.
extension Flag {
  static let aboutLookupTLS = [lookupAuthorities, lookupCertificate, lookupKey, lookupSkipVerify]

  package static let lookupAuthorities = Flag(
    "lookup-ca", takes: "FILE", "who has to have certified the Redis of --lookup-url rediss://..., in PEM",
    standard: "the authorities that this system trusts", example: "/run/tls/ca.crt", sets: \.tls.lookupAuthorities
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let lookupCertificate = Flag(
    "lookup-cert", takes: "FILE", "the certificate that is shown to the Redis of --lookup-url rediss://..., in PEM",
    standard: "none", example: "/run/tls/tls.crt", sets: \.tls.lookupCertificate
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let lookupKey = Flag(
    "lookup-key", takes: "FILE", "the private key of --lookup-cert in PEM, without a passphrase", standard: "none",
    example: "/run/tls/tls.key", sets: \.tls.lookupKey
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let lookupSkipVerify = Flag(
    "lookup-insecure-skip-verify", takes: choices(of: Switch.self),
    "whether to believe anybody who answers at --lookup-url rediss://...; passwords go there",
    standard: Switch.no.rawValue, example: Switch.yes.rawValue, isSwitch: true, sets: \.tls.lookupSkipsVerification
  ) { (setting) throws(OptionFailure) in try setting.choice() as Switch == .yes }
}

import Base
import TLS
import Wire

/// What the doors of TLS were told, and the way to others by TLS.
package struct TLSOptions: Equatable, Sendable {
  /// Without a host on the address of `--port`; nil for no such door.
  package var data: HostAndPort?
  package var lookup: HostAndPort?
  package var peer: HostAndPort?
  package var admin: HostAndPort?
  var certificate: String?
  var key: String?
  var authorities: String?
  var clients = ClientCertificates.none
  var version = TLSVersion.v1_2

  /// Whom the registry elsewhere has to be certified by; nil for the authorities of the system.
  var lookupAuthorities: String?
  /// Who this server is to it; nil where it does not ask.
  var lookupCertificate: String?
  var lookupKey: String?
  /// The registry elsewhere is believed without a certificate.
  package var lookupSkipsVerification = false

  package init() {}

  package var hasDoors: Bool { data != nil || lookup != nil || peer != nil || admin != nil }

  /// For the way to the registry elsewhere.
  package var lookupSettings: TLSSettings {
    var settings = TLSSettings()
    settings.certificate = lookupCertificate ?? ""
    settings.key = lookupKey ?? ""
    settings.authorities = lookupAuthorities
    return settings
  }

  /// For the doors, of which there is one.
  package var settings: TLSSettings {
    var settings = TLSSettings()
    settings.certificate = certificate ?? ""
    settings.key = key ?? ""
    settings.authorities = authorities
    settings.clients = clients
    settings.version = version
    return settings
  }
}

extension ServerOptions {
  /// Half of what a door of TLS needs is a door that was meant and would not be there, or not be guarded.
  func checkTLS() throws(OptionFailure) {
    let doors: [Flag] = [.tlsPort, .tlsLookup, .tlsPeer, .tlsAdmin]
    if let door = doors.first(where: { origin(of: $0) != .standard }), tls.hasDoors {
      for flag in [Flag.tlsCertificate, .tlsKey] where origin(of: flag) == .standard {
        throw OptionFailure(
          message: "\(name(of: door)) needs \(flag.name); for example: \(flag.name) \(flag.example)",
          exitCode: ExitCode.flag)
      }
    } else if let flag = Flag.aboutTLSDoors.first(where: { origin(of: $0) != .standard }) {
      throw OptionFailure(
        message:
          "\(name(of: flag)) needs --tls-port, which it is about; for example: --tls-port \(Flag.tlsPort.example)",
        exitCode: ExitCode.flag)
    }
    if tls.clients != .none, tls.authorities == nil {
      throw OptionFailure(
        message: "\(name(of: .tlsClients)) \(tls.clients.rawValue) needs --tls-ca, whose certificates clients show;"
          + " for example: --tls-ca \(Flag.tlsAuthorities.example)",
        exitCode: ExitCode.flag)
    }
    if tls.authorities != nil, tls.clients == .none {
      throw OptionFailure(
        message: "\(name(of: .tlsAuthorities)) is for clients' certificates, and nobody asks for them; add"
          + " --tls-client-auth \(Flag.tlsClients.example)",
        exitCode: ExitCode.flag)
    }
    try checkLookupTLS()
  }

  /// What is wrong with a file, in the words of the option that named it.
  package func failure(_ failure: TLSFileFailure, ofLookup: Bool = false) -> OptionFailure {
    let flag: Flag =
      switch failure.kind {
      case .certificate: ofLookup ? .lookupCertificate : .tlsCertificate
      case .key: ofLookup ? .lookupKey : .tlsKey
      case .authorities: ofLookup ? .lookupAuthorities : .tlsAuthorities
      }
    guard failure.kind != .key else { return SecretFile(failure.path, of: flag, self).failure(failure.complaint) }
    return OptionFailure(
      message: "\(name(of: flag)) \(OptionFailure.quoted(failure.path)) \(failure.complaint)", exitCode: ExitCode.flag)
  }
}

extension ServerOptions {
  /// What is about a way by TLS needs one, and half of a proof is none.
  func checkLookupTLS() throws(OptionFailure) {
    for flag in Flag.aboutLookupTLS where origin(of: flag) != .standard {
      guard lookupURL?.isSecure != true, !(flag == .lookupSkipVerify && !tls.lookupSkipsVerification) else { continue }
      throw OptionFailure(
        message: "\(name(of: flag)) needs --lookup-url rediss://..., which it is about", exitCode: ExitCode.flag)
    }
    if tls.lookupSkipsVerification, tls.lookupAuthorities != nil {
      throw OptionFailure(
        message: "\(name(of: .lookupSkipVerify)) trusts everybody, so \(name(of: .lookupAuthorities)) is of no use;"
          + " drop one of them",
        exitCode: ExitCode.flag)
    }
    let proof: [(Flag, Flag)] = [(.lookupCertificate, .lookupKey), (.lookupKey, .lookupCertificate)]
    for (flag, other) in proof where origin(of: flag) != .standard && origin(of: other) == .standard {
      throw OptionFailure(
        message: "\(name(of: flag)) needs \(other.name); for example: \(other.name) \(other.example)",
        exitCode: ExitCode.flag)
    }
  }
}

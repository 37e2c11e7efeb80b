import Wire

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

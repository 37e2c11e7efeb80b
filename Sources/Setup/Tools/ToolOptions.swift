import Base
import TLS

/// What a tool was told.
package struct ToolOptions: Equatable, Sendable {
  package var target = HostAndPort(host: "", port: 0)
  /// What stands behind the address.
  package var words: [String] = []

  package var isJSON = false
  package var intervalTenths = 10
  /// Nil: until it is ended.
  package var count: Int?
  package var isLong = false
  package var endsWithNull = false
  package var output: String?
  package var model: String?
  package var tag: String?
  package var removesAll = false
  package var isSure = false
  var usesAdmin = false
  var tokenFile: String?

  package var user: String?
  var passwordFile: String?

  package var usesTLS = false
  var authorities: String?
  var certificate: String?
  var key: String?
  var skipsVerification = false

  var timeoutSeconds: Int?

  package init() {}

  /// Whether something is to be removed at the door of administration.
  package var asksAdmin: Bool { usesAdmin || tokenFile != nil || removesMany }
  var removesMany: Bool { model != nil || tag != nil || removesAll }

  package var timeoutNanoseconds: UInt64 {
    let standard = asksAdmin ? Limits.toolRemovalSecondsDefault : Limits.toolSecondsDefault
    return UInt64(timeoutSeconds ?? standard) * 1_000_000_000
  }

  // MARK: What has to fit together

  /// Half of what was meant would be something else.
  func check(_ tool: Tool) throws(OptionFailure) {
    let aboutTLS: [(ToolFlag, Bool)] = [
      (.authorities, authorities != nil), (.certificate, certificate != nil), (.key, key != nil),
      (.skipVerify, skipsVerification),
    ]
    if !usesTLS, let flag = aboutTLS.first(where: \.1)?.0 { throw Self.needs(flag, .tls) }
    if certificate != nil, key == nil { throw Self.needs(.certificate, .key) }
    if key != nil, certificate == nil { throw Self.needs(.key, .certificate) }
    if skipsVerification, authorities != nil {
      throw Self.failure("--insecure-skip-verify believes everybody, so --ca is of no use; drop one of them")
    }
    if user != nil, passwordFile == nil { throw Self.needs(.user, .passwordFile) }
    if endsWithNull, isLong { throw Self.failure("--null is for names alone; leave --long out") }
    if tool == .remove { try checkRemoval() }
  }

  private func checkRemoval() throws(OptionFailure) {
    let wishes = (words.isEmpty ? 0 : 1) + (model == nil ? 0 : 1) + (tag == nil ? 0 : 1) + (removesAll ? 1 : 0)
    guard wishes == 1 else {
      throw Self.failure(
        "rm takes keys, or one of --model, --tag and --all; for example:"
          + " lmcache-server \(Tool.remove.examples[0].words)"
      )
    }
    if asksAdmin, passwordFile != nil {
      throw Self.failure("the door of --admin knows no users; drop --password-file, or remove keys by RESP")
    }
    if removesMany, !isSure {
      throw Self.failure("this removes what may be much, and cannot be undone; add --yes if it is meant")
    }
  }

  private static func needs(_ flag: ToolFlag, _ other: ToolFlag) -> OptionFailure {
    let example = other.isSwitch ? other.name : "\(other.name) \(other.example)"
    return failure("\(flag.name) needs \(other.name), which belongs to it; for example: \(example)")
  }

  private static func failure(_ message: String) -> OptionFailure {
    OptionFailure(message: message, exitCode: ExitCode.flag)
  }
}

// MARK: - Files

extension ToolOptions {
  /// Nil where no password was named.
  package func password() throws(OptionFailure) -> [UInt8]? { try firstLine(of: passwordFile, .passwordFile) }

  /// Nil where no token was named.
  package func token() throws(OptionFailure) -> [UInt8]? {
    guard let token = try firstLine(of: tokenFile, .tokenFile) else { return nil }
    guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Self.failure("--token-file: its first line is no token, which has neither blanks nor letters beyond ASCII")
    }
    return token
  }

  private func firstLine(of path: String?, _ flag: ToolFlag) throws(OptionFailure) -> [UInt8]? {
    guard let path else { return nil }
    let file = SecretFile(path: path, name: flag.name, example: "\(flag.name) \(flag.example)")
    let line = try file.line()
    guard (1...Limits.tokenBytesMax).contains(line.count) else {
      throw file.failure("does not begin with a line that is meant")
    }
    return line
  }

  /// Whom to believe, and who we are; nil without TLS.
  package func trust() throws(OptionFailure) -> TLSContext? {
    guard usesTLS else { return nil }
    let own = certificate.flatMap { certificate in key.map { (certificate, $0) } }
    do {
      return try TLSContext.client(authorities: authorities, verifies: !skipsVerification, own: own)
    } catch {
      let flag: ToolFlag =
        switch error.kind {
        case .certificate: .certificate
        case .key: .key
        case .authorities: .authorities
        }
      throw Self.failure("\(flag.name) \(OptionFailure.quoted(error.path)) \(error.complaint)")
    }
  }
}

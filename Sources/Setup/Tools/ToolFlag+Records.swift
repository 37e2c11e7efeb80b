import Base

/// The records of what the tools take.
extension ToolFlag {
  package static let all = aboutTools + [user, passwordFile] + aboutTLS + [timeout]
  static let aboutTools = [
    json, interval, count, long, null, output, model, tag, everything, yes, admin, tokenFile,
  ]
  static let aboutTLS = [tls, authorities, certificate, key, skipVerify]

  // MARK: Of one tool

  static let json = ToolFlag(
    "json", "print the page /stats as it came", for: [.stats], sets: \.isJSON)

  static let interval = ToolFlag(
    "interval", takes: "SECONDS", "how often to look", standard: "1", example: "10", for: [.top],
    sets: \.intervalTenths
  ) { (word) throws(OptionFailure) in try word.tenths(upTo: Limits.toolSecondsMax) }

  static let count = ToolFlag(
    "count", takes: "N", "end after so many intervals", example: "60", for: [.top], sets: \.count
  ) { (word) throws(OptionFailure) in try word.number(in: 1...Limits.toolCountMax, called: "a number") }

  static let long = ToolFlag("long", "put the size in bytes before each name", for: [.list], sets: \.isLong)

  static let null = ToolFlag(
    "null", "end names with a zero byte and write them as they are, for xargs --null", for: [.list],
    sets: \.endsWithNull)

  static let output = ToolFlag(
    "output", letter: "o", takes: "FILE", "write there; it appears when it is whole", standard: "the standard output",
    example: "chunk", for: [.get], sets: \.output
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  static let model = ToolFlag(
    "model", takes: "M", "remove the chunks of a model, named as in their keys", example: "meta-llama/Llama-3-8B",
    for: [.remove], sets: \.model
  ) { (word) throws(OptionFailure) in try word.text(called: "a model") }

  static let tag = ToolFlag(
    "tag", takes: "NAME=VALUE", "remove the chunks with this tag (lmcache.tag.NAME)", example: "user=alice",
    for: [.remove], sets: \.tag
  ) { (word) throws(OptionFailure) in
    guard let sign = word.text.firstIndex(of: "="), sign > word.text.startIndex else {
      throw word.failure("is not a tag and its value")
    }
    return word.text
  }

  static let everything = ToolFlag("all", "remove everything", for: [.remove], sets: \.removesAll)
  static let yes = ToolFlag("yes", "do what cannot be undone, without being asked", for: [.remove], sets: \.isSure)

  static let admin = ToolFlag(
    "admin", "HOST:PORT is the server's door of --admin, and asks for no token", for: [.remove], sets: \.usesAdmin)

  static let tokenFile = ToolFlag(
    "token-file", takes: "FILE", "HOST:PORT is the server's door of --admin; the file's first line is its token",
    example: "/run/secrets/admin", for: [.remove], sets: \.tokenFile
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  // MARK: Who asks

  static let user = ToolFlag(
    "user", takes: "NAME", "the user to be, by RESP", standard: "the default user", example: "team-a",
    for: [.list, .get, .remove], sets: \.user
  ) { (word) throws(OptionFailure) in try word.text(called: "a user") }

  static let passwordFile = ToolFlag(
    "password-file", takes: "FILE", "its first line is the user's password", example: "/run/secrets/password",
    for: [.list, .get, .remove], sets: \.passwordFile
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  // MARK: TLS

  static let tls = ToolFlag("tls", "speak TLS: PORT is that of --tls-port", for: Set(Tool.allCases), sets: \.usesTLS)

  static let authorities = ToolFlag(
    "ca", takes: "FILE", "who has to have certified the server, in PEM",
    standard: "the authorities that this system trusts", example: "/etc/tls/ca.crt", for: Set(Tool.allCases),
    sets: \.authorities
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  static let certificate = ToolFlag(
    "certificate", takes: "FILE", "the certificate to show to a server that asks for one, in PEM",
    example: "/etc/tls/client.crt", for: Set(Tool.allCases), sets: \.certificate
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  static let key = ToolFlag(
    "key", takes: "FILE", "the certificate's private key in PEM, without a passphrase", example: "/etc/tls/client.key",
    for: Set(Tool.allCases), sets: \.key
  ) { (word) throws(OptionFailure) in try word.text(called: "a file") }

  static let skipVerify = ToolFlag(
    "insecure-skip-verify", "believe anybody who answers; passwords and tokens go there", for: Set(Tool.allCases),
    sets: \.skipsVerification)

  // MARK: Patience

  static let timeout = ToolFlag(
    "timeout", takes: "SECONDS", "how long the server may take for an answer",
    standard: "\(Limits.toolSecondsDefault); for removals by --admin \(Limits.toolRemovalSecondsDefault)",
    example: "30", for: Set(Tool.allCases).subtracting([.probe]), sets: \.timeoutSeconds
  ) { (word) throws(OptionFailure) in
    try word.number(in: 1...Limits.toolSecondsMax, called: "a number of seconds")
  }
}

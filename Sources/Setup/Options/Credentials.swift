/// What was typed may hold a secret, which belongs in no log.
enum Credentials {
  /// The text without the user and the password of a URL, whether its scheme was typed or not.
  static func hidden(in text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    if let scheme = text.firstRange(of: "://"), scheme.upperBound <= at {
      return text[..<scheme.upperBound] + "not-shown" + text[at...]
    }
    let isPath = text.hasPrefix("/")
    return !isPath && text[..<at].contains(":") ? "not-shown" + text[at...] : text
  }
}

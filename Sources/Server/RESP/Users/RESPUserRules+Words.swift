import Base
import Objects

/// What is wrong with a word, and what to do.
struct RESPUserRuleFault: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// The words of Redis's ACL rules, one after the other; later ones win.
extension RESPUserRules {
  mutating func apply(_ word: String) throws(RESPUserRuleFault) {
    if try applyName(word) { return }
    let rest = String(word.dropFirst())
    switch word.first {
    case ">": try add(PasswordDigest(text: rest))
    case "<": try remove(PasswordDigest(text: rest))
    case "#", "!":
      guard let digest = PasswordDigest(digits: rest.utf8) else {
        throw RESPUserRuleFault(
          "what follows \(word.prefix(1)) is no SHA-256 of 64 digits in small letters; make it by:"
            + " printf %s PASSWORD | sha256sum"
        )
      }
      try word.first == "#" ? add(digest) : remove(digest)
    case "~": try add(pattern: rest, .full)
    case "%": try addPattern(withAccess: rest)
    case "+": try allow(rest, true)
    case "-": try allow(rest, false)
    // There are no channels here.
    case "&": break
    case "(": throw RESPUserRuleFault("selectors in parentheses are not known here; use %R~ and %W~, or a second user")
    default:
      // What it is may be a password whose > was forgotten.
      throw RESPUserRuleFault(
        "a word of \(word.utf8.count) bytes is no rule; rules begin with ~ %R~ %W~ + - > # or are on, off, nopass,"
          + " allkeys, allcommands, reset"
      )
    }
  }

  /// Rules that are words. False: it is none of them.
  private mutating func applyName(_ word: String) throws(RESPUserRuleFault) -> Bool {
    switch word.lowercased() {
    case "on": isOn = true
    case "off": isOn = false
    case "nopass": (isOpen, passwords) = (true, [])
    case "resetpass": (isOpen, passwords) = (false, [])
    case "allkeys": allowAllKeys()
    case "resetkeys": patterns = []
    case "allcommands": setAllCommands(true)
    case "nocommands": setAllCommands(false)
    case "reset": self = RESPUserRules()
    // What they are about is not here.
    case "allchannels", "resetchannels", "sanitize-payload", "skip-sanitize-payload": break
    default:
      guard word.hasPrefix("subject:") else { return false }
      try add(subject: String(word.dropFirst("subject:".count)))
    }
    return true
  }

  // MARK: Who it is

  private mutating func add(_ digest: PasswordDigest) throws(RESPUserRuleFault) {
    isOpen = false
    guard passwords.count < Limits.userPasswordsMax else {
      throw RESPUserRuleFault("the user has more than \(Limits.userPasswordsMax) passwords; take old ones out")
    }
    if !passwords.contains(where: { $0.isSame(as: digest) }) { passwords.append(digest) }
  }

  private mutating func remove(_ digest: PasswordDigest) throws(RESPUserRuleFault) {
    guard let place = passwords.firstIndex(where: { $0.isSame(as: digest) }) else {
      throw RESPUserRuleFault("a password is taken away that the user does not have")
    }
    passwords.remove(at: place)
  }

  private mutating func add(subject: String) throws(RESPUserRuleFault) {
    guard !subject.isEmpty, subjects.count < Limits.userSubjectsMax else {
      throw RESPUserRuleFault("a user has up to \(Limits.userSubjectsMax) subjects of certificates, none of them empty")
    }
    subjects.append(Array(subject.utf8))
  }

  // MARK: Keys

  private mutating func addPattern(withAccess rule: String) throws(RESPUserRuleFault) {
    guard let tilde = rule.firstIndex(of: "~") else {
      throw RESPUserRuleFault("behind % stand R, W or RW, and ~ with a pattern")
    }
    var access: KeyAccess = []
    for letter in rule[..<tilde].uppercased() {
      switch letter {
      case "R": access.insert(.read)
      case "W": access.insert(.write)
      default: throw RESPUserRuleFault("behind % stand R, W or RW, and ~ with a pattern")
      }
    }
    guard access != [] else { throw RESPUserRuleFault("behind % stand R, W or RW, and ~ with a pattern") }
    try add(pattern: String(rule[rule.index(after: tilde)...]), access)
  }

  private mutating func add(pattern: String, _ access: KeyAccess) throws(RESPUserRuleFault) {
    let text = Array(pattern.utf8)
    guard !text.isEmpty, text.count <= Limits.userPatternBytesMax else {
      throw RESPUserRuleFault("a pattern of keys has 1 to \(Limits.userPatternBytesMax) bytes")
    }
    guard patterns.count < Limits.userPatternsMax else {
      throw RESPUserRuleFault("a user has up to \(Limits.userPatternsMax) patterns; choose names that begin alike")
    }
    guard !reachesAll(.full) else {
      throw RESPUserRuleFault(
        "'~\(pattern)' adds nothing to all keys, which came before it; say resetkeys first, or take it out")
    }
    if text.withUnsafeBytes({ ObjectKey.range(in: $0).count < text.count }) {
      throw RESPUserRuleFault(
        "'~\(pattern)' names one half of an object; patterns are of keys, without kv_bytes or metadata at the end,"
          + " and hold for both"
      )
    }
    patterns.append(KeyPattern(text, access: access))
  }

  // MARK: Commands

  private mutating func allow(_ name: String, _ isAllowed: Bool) throws(RESPUserRuleFault) {
    guard name.hasPrefix("@") else {
      guard !name.isEmpty, set(command: name, isAllowed) else {
        throw RESPUserRuleFault("there is no command '\(name)' here; proto/resp.md lists them")
      }
      return
    }
    let name = String(name.dropFirst()).lowercased()
    guard name != "all" else { return setAllCommands(isAllowed) }
    guard let category = RESPCategory.all.first(where: { $0.name == name }) else {
      throw RESPUserRuleFault("there is no category '@\(name)'; ACL CAT lists them")
    }
    set(category, isAllowed)
  }
}

extension PasswordDigest {
  fileprivate init(text: String) {
    var text = text
    self = text.withUTF8 { PasswordDigest(of: UnsafeRawBufferPointer($0)) }
  }
}

import Base
import Objects

/// What one user may do. It never changes: a file that is read again makes new ones.
final class RESPUser: Sendable {
  let name: [UInt8]
  let rules: RESPUserRules
  let patterns: KeyPatterns
  /// Whether there is anything that it may not do. Most servers have one user, who may everything.
  let isUnlimited: Bool
  /// Whether a file has a line for it, or it is what the server makes of its password.
  let hasLine: Bool

  init(name: [UInt8], rules: RESPUserRules, hasLine: Bool = true) {
    (self.name, self.rules, self.hasLine) = (name, rules, hasLine)
    patterns = KeyPatterns(rules.patterns)
    isUnlimited = rules.reachesAll(.full) && rules.commands.allSatisfy { $0 }
  }

  static let defaultName = Array("default".utf8)

  /// The user of each client that named none.
  /// - Parameter password: empty: none is asked for.
  static func standard(password: [UInt8]) -> RESPUser {
    var rules = RESPUserRules()
    rules.isOn = true
    rules.allowAllCommands()
    rules.allowAllKeys()
    if password.isEmpty {
      rules.isOpen = true
    } else {
      rules.passwords = [password.withUnsafeBytes { PasswordDigest(of: $0) }]
    }
    return RESPUser(name: defaultName, rules: rules, hasLine: false)
  }

  /// The user of clients that named none, where users are named and this is none of them: it may nothing.
  static let nobody = RESPUser(name: defaultName, rules: RESPUserRules(), hasLine: false)

  func isCalled(_ given: UnsafeRawBufferPointer) -> Bool { name.elementsEqual(given) }

  /// Takes as long whichever password it is.
  func knows(_ digest: PasswordDigest) -> Bool {
    var isKnown = false
    for password in rules.passwords where password.isSame(as: digest) { isKnown = true }
    return isKnown
  }

  /// Whether both have the same passwords, in the same order.
  func hasPasswords(of other: RESPUser) -> Bool {
    rules.passwords.count == other.rules.passwords.count
      && zip(rules.passwords, other.rules.passwords).allSatisfy { $0.isSame(as: $1) }
  }

  // MARK: What it may do

  /// By the command's place in its set.
  func mayRun(_ place: Int) -> Bool { isUnlimited || rules.commands[place] }

  func reachesAll(_ access: KeyAccess) -> Bool { isUnlimited || patterns.reachAll(access) }

  /// Whether it may reach the object that a name stands for in this way; with an empty one, in any way.
  /// What takes more than `steps` to find out is nothing of its own.
  func reaches(_ name: UnsafeRawBufferPointer, _ access: KeyAccess, steps: inout Int) -> Bool {
    if isUnlimited { return true }
    let key = UnsafeRawBufferPointer(rebasing: name[ObjectKey.range(in: name)])
    return patterns.reach(key, access, steps: &steps)
  }
}

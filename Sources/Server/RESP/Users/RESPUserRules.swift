import Base

/// What a line of the file says of a user: a new one is off, knows no password and may nothing.
struct RESPUserRules: Sendable {
  var isOn = false
  /// Any password will do.
  var isOpen = false
  var passwords: [PasswordDigest] = []
  var patterns: [KeyPattern] = []
  /// Of certificates that prove to be this user.
  var subjects: [[UInt8]] = []
  /// By the place of a command in the store's set.
  var commands = [Bool](repeating: false, count: RESPCommandSet.store.commands.count)
  /// The rules about commands as they were written, behind the last that said all or none.
  var commandWords: [String] = ["-@all"]

  func reachesAll(_ access: KeyAccess) -> Bool {
    patterns.contains { $0.isAll && $0.access.covers(access) }
  }

  mutating func allowAllKeys() { patterns = [KeyPattern(KeyPattern.all, access: .full)] }
  mutating func allowAllCommands() { setAllCommands(true) }

  mutating func setAllCommands(_ isAllowed: Bool) {
    for place in commands.indices { commands[place] = isAllowed }
    commandWords = [isAllowed ? "+@all" : "-@all"]
  }

  mutating func set(_ category: RESPCategory, _ isAllowed: Bool) {
    for (place, command) in RESPCommandSet.store.commands.enumerated()
    where command.categories.contains(category) { commands[place] = isAllowed }
    commandWords.append((isAllowed ? "+@" : "-@") + category.name)
  }

  /// A command by its name, with all its members, or a member as `client|id`. False: there is no such command.
  mutating func set(command name: String, _ isAllowed: Bool) -> Bool {
    let name = name.lowercased()
    var isFound = false
    for (place, command) in RESPCommandSet.store.commands.enumerated() {
      let own = "\(command.name)"
      guard own == name || own.hasPrefix(name + "|") else { continue }
      commands[place] = isAllowed
      isFound = true
    }
    if isFound { commandWords.append((isAllowed ? "+" : "-") + name) }
    return isFound
  }

  // MARK: As words

  var commandText: String { commandWords.joined(separator: " ") }

  var keyText: String {
    patterns.map { pattern in
      let text = String(decoding: pattern.text, as: UTF8.self)
      switch pattern.access {
      case .read: return "%R~" + text
      case .write: return "%W~" + text
      default: return "~" + text
      }
    }.joined(separator: " ")
  }

  var flags: [String] { [isOn ? "on" : "off"] + (isOpen ? ["nopass"] : []) }

  /// As a line of the file, but for the passwords: also their digests tell too much of short ones.
  func line(of name: [UInt8]) -> String {
    let secrets = passwords.map { _ in "#(hidden)" }
    let words = flags + secrets + [keyText, commandText]
    return "user \(String(decoding: name, as: UTF8.self)) " + words.filter { !$0.isEmpty }.joined(separator: " ")
  }
}

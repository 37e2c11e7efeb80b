import Base

/// Why a file of users cannot be followed.
package struct RESPUserFault: Error, Equatable, Sendable, CustomStringConvertible {
  package let line: Int
  /// What is wrong, and what to do. Never a password.
  package let message: String

  package var description: String { "line \(line): \(message)" }
}

/// A file of users in the form of Redis's: a line for each, `user NAME RULE...`. Lines that are empty or begin with `#`
/// say nothing.
enum RESPUserFile {
  static func parse(_ text: String) throws(RESPUserFault) -> [RESPUser] {
    var users: [RESPUser] = []
    var subjects: Set<[UInt8]> = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() {
      let number = index + 1
      do throws(RESPUserRuleFault) {
        let words = try words(of: line)
        guard let first = words.first, !first.hasPrefix("#") else { continue }
        let user = try user(words)
        guard !users.contains(where: { $0.name == user.name }) else {
          throw RESPUserRuleFault("the user '\(words[1])' has a line already; join the two")
        }
        guard users.count < Limits.usersMax else {
          throw RESPUserRuleFault("there are more than \(Limits.usersMax) users; let tenants share some")
        }
        for subject in Set(user.rules.subjects) where !subjects.insert(subject).inserted {
          throw RESPUserRuleFault(
            "the subject '\(String(decoding: subject, as: UTF8.self))' is another user's already; one is enough")
        }
        users.append(user)
      } catch {
        throw RESPUserFault(line: number, message: error.message)
      }
    }
    return users
  }

  private static func user(_ words: [String]) throws(RESPUserRuleFault) -> RESPUser {
    guard words[0] == "user" else { throw RESPUserRuleFault("a line begins with 'user' and its name") }
    guard words.count > 1 else {
      throw RESPUserRuleFault("the user has no name; for example: user alice on nopass ~* +@all")
    }
    let name = Array(words[1].utf8)
    guard name.count <= Limits.userNameBytesMax, name.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw RESPUserRuleFault("a user's name has up to \(Limits.userNameBytesMax) bytes and no blanks")
    }
    var rules = RESPUserRules()
    for word in words.dropFirst(2) { try rules.apply(word) }
    if rules.isOn, !rules.isOpen, rules.passwords.isEmpty, rules.subjects.isEmpty {
      throw RESPUserRuleFault(
        "the user '\(words[1])' is on and nothing lets it in; add >PASSWORD, #SHA256, nopass or subject:")
    }
    return RESPUser(name: name, rules: rules)
  }

  /// Told apart by blanks; one that has blanks stands in double quotes.
  private static func words(of line: Substring) throws(RESPUserRuleFault) -> [String] {
    var words: [String] = []
    var rest = line.drop { $0 == " " || $0 == "\t" }
    if rest.first == "#" { return [] }
    while let first = rest.first {
      if first == "\"" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: "\"") else { throw RESPUserRuleFault("a quote is left open") }
        words.append(String(rest[..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        let word = rest.prefix { $0 != " " && $0 != "\t" }
        words.append(String(word))
        rest = rest.dropFirst(word.count)
      }
      rest = rest.drop { $0 == " " || $0 == "\t" }
    }
    return words
  }
}

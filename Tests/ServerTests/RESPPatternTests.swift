import Testing

@testable import Server

@Suite("RESP patterns and names")
struct RESPPatternTests {
  private func matches(_ pattern: String, _ name: String, ignoringCase: Bool = false) -> Bool {
    Array(pattern.utf8).withUnsafeBytes { pattern in
      Array(name.utf8).withUnsafeBytes { RESPPattern(bytes: pattern, ignoresCase: ignoringCase).matches($0) }
    }
  }

  @Test(
    "what matches",
    arguments: [
      ("*", ""), ("", ""), ("a*", "a"), ("a*c", "abc"), ("a*c", "abcbc"), ("**", "x"), ("?", "x"),
      ("h[ae]llo", "hallo"),
      ("h[^e]llo", "hallo"), ("h[a-c]llo", "hbllo"), ("h[c-a]llo", "hbllo"), ("\\*", "*"), ("a\\", "a\\"),
      ("[\\]]", "]"),
      ("[ab", "a"), ("*@*@0", "a@b@c@0"), ("*a*b*c*", "xxaxxbxxcxx"),
    ])
  func match(pattern: String, name: String) {
    #expect(matches(pattern, name))
  }

  @Test(
    "what does not",
    arguments: [
      ("", "a"), ("?", ""), ("a", "A"), ("a*c", "abcd"), ("h[^a]llo", "hallo"), ("h[b-d]llo", "hallo"), ("\\*", "a"),
      ("[]", "a"), ("a?", "a"),
    ])
  func noMatch(pattern: String, name: String) {
    #expect(!matches(pattern, name))
  }

  @Test("no pattern takes for ever")
  func hostile() {
    let pattern = String(repeating: "a*", count: 200) + "b"
    #expect(!matches(pattern, String(repeating: "a", count: 2000)))
  }

  @Test("a try goes on where it was interrupted")
  func interrupted() {
    let patterns = ["*", "a*b", "*[^a]b?", "*a*a*b", "[a-b]*\\*", "a[bc", "**b"]
    let names = ["", "ab", "aab", "aabab*", "bbbb", "abcabcab", "a*"]
    for pattern in patterns {
      for name in names {
        let isMatch = Array(pattern.utf8).withUnsafeBytes { pattern in
          Array(name.utf8).withUnsafeBytes { name in
            var progress = RESPPattern.Progress()
            while true {
              var steps = 1
              if let isMatch = RESPPattern(bytes: pattern).matches(name, &progress, steps: &steps) { return isMatch }
            }
          }
        }
        #expect(isMatch == matches(pattern, name), "\(pattern) over \(name)")
      }
    }
  }

  @Test("case")
  func folding() {
    #expect(matches("MAX*", "maxmemory", ignoringCase: true))
    #expect(matches("[A-C]", "b", ignoringCase: true))
  }

  @Test("every command is found by its name, in any case, and none by another")
  func names() {
    for set in [RESPCommandSet.store, .registry] {
      for command in set.commands { check(command, of: set) }
      #expect(Set(set.commands.map { "\($0.name)" }).count == set.commands.count)
    }
  }

  private func check(_ command: RESPCommand, of set: RESPCommandSet) {
    let words = "\(command.name)".split(separator: "|").map(String.init)
    func isFound(_ words: [String]) -> Bool {
      let finding = Array(words[0].utf8).withUnsafeBytes { first in
        guard words.count > 1 else { return set.find(first, second: nil) }
        return Array(words[1].utf8).withUnsafeBytes { set.find(first, second: $0) }
      }
      if case .command(let found, _) = finding { return found === command }
      return false
    }
    #expect(isFound(words) && isFound(words.map { $0.uppercased() }), "\(words)")
    #expect(!isFound([words[0] + "x"]))
    // What follows the name of a command by itself is its argument.
    if words.count == 1, !command.traits.contains(.isGroup) { #expect(isFound([words[0], "id"]), "\(words)") }
  }
}

extension RESPPattern {
  fileprivate func matches(_ name: UnsafeRawBufferPointer) -> Bool {
    var progress = Progress()
    var steps = Int.max
    return matches(name, &progress, steps: &steps) ?? false
  }
}

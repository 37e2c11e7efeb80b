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

  @Test("every command is found by its name, in any case, and none by another", arguments: RESPCommand.allCases)
  func names(command: RESPCommand) {
    let words = "\(command.name)".split(separator: "|").map(String.init)
    func find(_ words: [String]) -> RESPCommandTable.Finding {
      Array(words[0].utf8).withUnsafeBytes { first in
        guard words.count > 1 else { return RESPCommandTable.find(first, second: nil) }
        return Array(words[1].utf8).withUnsafeBytes { RESPCommandTable.find(first, second: $0) }
      }
    }
    for spelled in [words, words.map { $0.uppercased() }] {
      guard case .command(command) = find(spelled) else {
        Issue.record("\(spelled) is not found")
        continue
      }
    }
    guard case .unknown = find([words[0] + "x"]) else {
      Issue.record("\(words[0])x is found")
      return
    }
    if words.count == 1, !command.isGroup {
      // The word behind a command without subcommands is its argument.
      guard case .command(command) = find([words[0], "id"]) else {
        Issue.record("\(words[0]) takes its argument for a part of its name")
        return
      }
    }
  }
}

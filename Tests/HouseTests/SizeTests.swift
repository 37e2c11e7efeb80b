import Testing

/// A file is one idea and a function one thought: what is longer is taken apart.
@Suite
struct SizeTests {
  private static let fileLinesMax = 300
  private static let functionLinesMax = 60

  @Test func noFileIsTooLong() {
    for file in SourceTree.sources {
      // A file ends with a newline, behind which nothing stands.
      #expect(file.lines.count - 1 <= Self.fileLinesMax, "\(file.path)")
    }
  }

  @Test func noFunctionIsTooLong() {
    var count = 0
    for file in SourceTree.sources {
      for function in Self.functions(in: file.lines) {
        count += 1
        #expect(function.lineCount <= Self.functionLinesMax, "\(file.path):\(function.line)")
      }
    }
    #expect(count > 1000, "functions were not found")
  }

  struct Function: Equatable {
    /// Of its first word.
    let line: Int
    let lineCount: Int
  }

  /// By indentation, which the formatter keeps: a function ends at the first closing brace that stands as far left as its
  /// first word.
  static func functions(in lines: [Substring]) -> [Function] {
    var found: [Function] = []
    for (start, line) in lines.enumerated() where begins(line) {
      let indent = indentation(line)
      var end = start + 1
      while end < lines.count, indentation(lines[end]) > indent || continues(lines[end]) { end += 1 }
      // What has no closing brace there is a requirement of a protocol, or ends where it began.
      let isClosed = end < lines.count && lines[end].drop { $0 == " " }.first == "}"
      let isWhole = line.count { $0 == "{" } == line.count { $0 == "}" } && line.contains("{")
      found.append(Function(line: start + 1, lineCount: isClosed && !isWhole ? end - start + 1 : 1))
    }
    return found
  }

  private static func begins(_ line: Substring) -> Bool {
    let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" || $0 == "{" || $0 == "[" }
    let modifiers: Set<Substring> = [
      "package", "private", "fileprivate", "static", "mutating", "consuming", "borrowing", "final", "override",
      "nonisolated", "convenience",
    ]
    guard let word = words.first(where: { !$0.hasPrefix("@") && !modifiers.contains($0) && !$0.hasSuffix(")") })
    else { return false }
    if ["func", "init", "deinit", "subscript"].contains(word) { return true }
    return word == "var" && line.hasSuffix("{")
  }

  private static func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

  /// Whether it belongs to what began above: empty, or a part of a signature of several lines.
  private static func continues(_ line: Substring) -> Bool {
    let text = line.drop { $0 == " " }
    return text.isEmpty || ["{", ")", "where ", "->", "async ", "throws"].contains { text.hasPrefix($0) }
  }

  @Test func lengthsAreSeen() {
    let text = """
      struct Thing {
        func one() { go() }
        package static func three(_ value: Int) -> Int {
          value
        }
        private func four(
          _ value: Int
        ) throws(Failure) -> Int {
          if value > 0 {

            return 1
          }
        }
        init?(_ text: String)
        var six: Int {
          0
        }
        var plain = 1
      }
      """
    let found = Self.functions(in: text.split(separator: "\n", omittingEmptySubsequences: false))
    #expect(found.map(\.line) == [2, 3, 6, 14, 15])
    #expect(found.map(\.lineCount) == [1, 3, 8, 1, 3])
  }
}

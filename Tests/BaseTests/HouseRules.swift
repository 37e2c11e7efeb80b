/// What source files may not say, and where they may say it after all.
///
/// A session that starts an unstructured task leaves its loop; one that reads a system clock cannot be replayed.
enum HouseRules {
  struct Breach: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let words: String
    var description: String { "\(path):\(line) uses \(words)" }
  }

  private struct Rule {
    let words: [String]
    let exceptions: [String]
  }

  private static let rules = [
    Rule(words: ["Task {", "Task{", "Task(", "Task.sleep", "Task.detached", "Task.immediate"], exceptions: ["IO/"]),
    Rule(
      words: ["clock_gettime", "ContinuousClock", "SuspendingClock", "gettimeofday"],
      exceptions: ["Base/MonotonicClock.swift", "Base/LogTimestamp.swift", "Bench/Load/Clock.swift"]),
    Rule(words: ["import Foundation"], exceptions: []),
  ]

  /// - Parameter path: relative to Sources.
  static func breaches(in text: String, path: String) -> [Breach] {
    var found: [Breach] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let code = withoutComment(line)
      for rule in rules where !rule.exceptions.contains(where: path.hasPrefix) {
        for words in rule.words where contains(code, words) {
          found.append(Breach(path: path, line: index + 1, words: words))
        }
      }
    }
    return found
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    guard let comment = line.firstRange(of: "//") else { return line }
    return line[..<comment.lowerBound]
  }

  /// Whole words only: `group.addTask {` starts a child, which stays on the loop.
  private static func contains(_ code: Substring, _ words: String) -> Bool {
    code.ranges(of: words).contains { range in
      guard range.lowerBound > code.startIndex else { return true }
      let before = code[code.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_"
    }
  }
}

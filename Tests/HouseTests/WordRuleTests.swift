import Testing

@Suite
struct WordRuleTests {
  @Test(arguments: WordRule.all)
  func theSourcesKeepTheRules(rule: WordRule) {
    for file in SourceTree.sources { #expect(rule.breaches(in: file).isEmpty) }
  }

  @Test(arguments: WordRule.all)
  func everyExceptionIsNeeded(rule: WordRule) {
    for exception in rule.exceptions {
      let files = SourceTree.sources.filter { $0.path.hasPrefix(exception) }
      #expect(files.contains { !rule.uses(in: $0).isEmpty }, "take \(exception) off the list")
    }
  }

  /// A comment names who it speaks of. What is left to mend stands here.
  @Test func commentsNameWhoTheySpeakOf() {
    let vague: Set<Substring> = ["whoever", "nobody", "somebody", "anybody", "everybody"]
    for file in SourceTree.sources where !["Bench", "Policy", "lmcache-policies"].contains(file.room) {
      for (index, line) in file.lines.enumerated() {
        let comment = line.dropFirst(SourceTree.withoutComment(line).count)
        let words = comment.lowercased().split { !$0.isLetter }
        #expect(vague.isDisjoint(with: words), "\(file.path):\(index + 1)")
      }
    }
  }

  private static func breaches(_ path: String, _ line: String) -> [WordRule.Breach] {
    let file = SourceTree.File(path: path, lines: ["let fine = 1", Substring(line)])
    return WordRule.all.flatMap { $0.breaches(in: file) }
  }

  static let breaches = [
    ("Server/A.swift", "Task { await run() }"),
    ("Server/A.swift", "  let work = Task(priority: .low) {"),
    ("Server/A.swift", "Task.detached { }"),
    ("Server/A.swift", "try await Task.sleep(for: .seconds(1))"),
    ("Server/A.swift", "let now = MonotonicClock.now()"),
    ("Server/A.swift", "shutdown(connection.descriptor, 2)"),
    ("Server/A.swift", "try await loop.send(number, from: regions, count: 1)"),
    ("Store/A.swift", "clock_gettime(CLOCK_MONOTONIC, &time)"),
    ("IO/Loop/A.swift", "let clock = ContinuousClock()"),
    ("Base/A.swift", "let now = SuspendingClock.now"),
    ("Store/A.swift", "  #if DEBUG"),
    ("Wire/A.swift", "import Foundation"),
    ("lmcache-bench/A.swift", "import Foundation"),
    ("IO/A.swift", "@preconcurrency import Foundation"),
  ]

  @Test(arguments: breaches)
  func aBreachIsSeen(path: String, line: String) {
    let found = Self.breaches(path, line)
    #expect(found.count == 1)
    #expect(found.first?.line == 2)
  }

  static let allowed = [
    ("Server/A.swift", "group.addTask { await run() }"),
    ("Server/A.swift", "await withTaskGroup(of: Void.self) { group in"),
    ("Server/A.swift", "// never Task { } here"),
    ("IO/Loop/EventLoop.swift", "Task(executorPreference: self) { await body() }"),
    ("IO/Sockets/A.swift", "loop.driver.close(descriptor)"),
    ("Base/MonotonicClock.swift", "clock_gettime(CLOCK_MONOTONIC, &time)"),
    ("Bench/Load/Clock.swift", "clock_gettime(clock, &time)"),
  ]

  @Test(arguments: allowed)
  func whatIsAllowedIsNotABreach(path: String, line: String) {
    #expect(Self.breaches(path, line).isEmpty)
  }
}

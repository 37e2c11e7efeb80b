import Foundation
import Testing

@Suite
struct HouseRulesTests {
  @Test
  func theSourcesKeepTheRules() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let path = String(file.standardized.path().dropFirst(sources.path().count)).trimmingPrefix("/")
      let breaches = HouseRules.breaches(in: try String(contentsOf: file, encoding: .utf8), path: String(path))
      #expect(breaches.isEmpty)
      count += 1
    }
    #expect(count > 10, "the sources were not found")
  }

  static let breaches = [
    ("Server/A.swift", "Task { await run() }"),
    ("Server/A.swift", "  let work = Task(priority: .low) {"),
    ("Server/A.swift", "Task.detached { }"),
    ("Server/A.swift", "try await Task.sleep(for: .seconds(1))"),
    ("Store/A.swift", "clock_gettime(CLOCK_MONOTONIC, &time)"),
    ("IO/Loop/A.swift", "let clock = ContinuousClock()"),
    ("Base/A.swift", "let now = SuspendingClock.now"),
    ("Wire/A.swift", "import Foundation"),
    ("lmcache-bench/A.swift", "import Foundation"),
    ("IO/A.swift", "@preconcurrency import Foundation"),
  ]

  @Test(arguments: breaches)
  func aBreachIsSeen(path: String, line: String) {
    let found = HouseRules.breaches(in: "let fine = 1\n" + line, path: path)
    #expect(found.count == 1)
    #expect(found.first?.line == 2)
  }

  static let allowed = [
    ("Server/A.swift", "group.addTask { await run() }"),
    ("Server/A.swift", "await withTaskGroup(of: Void.self) { group in"),
    ("Server/A.swift", "// never Task { } here"),
    ("IO/Loop/EventLoop.swift", "Task(executorPreference: self) { await body() }"),
    ("Base/MonotonicClock.swift", "clock_gettime(CLOCK_MONOTONIC, &time)"),
    ("Bench/Load/Clock.swift", "clock_gettime(clock, &time)"),
  ]

  @Test(arguments: allowed)
  func whatIsAllowedIsNotABreach(path: String, line: String) {
    #expect(HouseRules.breaches(in: line, path: path).isEmpty)
  }
}

import Manual
import Testing

@testable import Bench

/// What the benchmark prints of itself is what it takes.
@Suite
struct TellingTests {
  /// A value that is accepted, where the placeholder is none.
  private static let values = [
    "TARGET": "lm://h:2", "P": "1", "SIZE[,SIZE]": "4KiB", "NAME": "llama-3-8b", "WEIGHTS": "get=1,put=2",
    "get|put": "put", "N|max": "max", "FILE": "/tmp/x", "[FILE]": "/tmp/x", "FILE.svg": "/tmp/x.svg",
  ]

  @Test(arguments: BenchOptions.groups.flatMap { group in group.options.map { ($0.name, group.title) } })
  func everyOptionIsRead(name: String, group: String) throws {
    let option = try #require(BenchOptions.groups.flatMap(\.options).first { $0.name == name })
    let command = group == "Session" ? "session" : name == "--mix" ? "mixed" : name == "--server-pid" ? "get" : "get"
    var words = [command, "lm://h:1", name]
    if !option.placeholder.isEmpty { words.append(Self.values[option.placeholder] ?? "1") }
    if name == "--poisson" { words += ["--rate", "5"] }
    if name == "--speed" { words += ["--trace", "x"] }
    if name == "--block-tokens" { words[3] = "256" }
    _ = try Options.parse(words)
  }

  @Test func helpAndPageNameEverything() {
    let (help, page) = (Telling.help.text, Telling.manual.text)
    for option in BenchOptions.groups.flatMap(\.options) {
      #expect(help.contains("    \(option.name) "), "\(option.name)")
      #expect(page.contains(option.name.split(separator: "-").map { "\\-\($0)" }.joined()), "\(option.name)")
    }
    for workload in Workload.allCases { #expect(help.contains("\n    \(workload.rawValue) ")) }
    #expect(help.split(separator: "\n").filter { $0.count > 120 } == [])
  }

  @Test func whatIsNoMeasurementIsTold() throws {
    #expect(try Telling(["get", "--help"]) == .help)
    #expect(try Telling(["man"]) == .manual)
    #expect(try Telling(["completions", "fish"]) == .completions(.fish))
    #expect(try Telling(["get", "lm://h:1"]) == nil)
    #expect(throws: Failure.self) { try Telling(["completions", "csh"]) }
    #expect(throws: Failure.self) { try Telling(["man", "x"]) }
  }
}

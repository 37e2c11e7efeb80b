import Testing

@testable import Bench

@Suite
struct OutputOptionsTests {
  private static func taken(_ words: [String]) throws(Failure) -> (OutputOptions, [String]) {
    var options = OutputOptions()
    var reader = ArgumentReader(words)
    var others: [String] = []
    while let option = reader.next() {
      if try !options.take(option, &reader) { others.append(option) }
    }
    return (options, others)
  }

  @Test
  func aFileMayFollow() throws {
    let (options, rest) = try Self.taken(["--json", "a.json", "--csv", "--plot", "p.svg", "lm://a:1"])
    #expect(options.json == .file("a.json") && options.csv == .standardOutput && options.plot == "p.svg")
    #expect(rest == ["lm://a:1"])
  }

  @Test
  func targetsAreNoFiles() throws {
    let (options, rest) = try Self.taken(["--json", "ours=lm://a:1"])
    #expect(options.json == .standardOutput && rest == ["ours=lm://a:1"])
    #expect(!options.printsTable)
    #expect(try Self.taken(["--json", "-"]).0.json == .standardOutput)
  }

  @Test
  func whatCannotBeIsRefused() {
    #expect(throws: Failure.self) { try Self.taken(["--json", "--csv"]) }
    #expect(throws: Failure.self) { try Self.taken(["--plot"]) }
  }

  @Test
  func othersAreLeftAlone() throws { #expect(try Self.taken(["--size", "1"]).1 == ["--size", "1"]) }
}

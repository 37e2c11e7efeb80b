import Testing

/// What docs/ARCHITECTURE.md names is there, so that a reader need not search for it.
@Suite
struct MapTests {
  /// What stands between backquotes on one line.
  private static func quoted(in text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
        .map(\.element)
    }
  }

  @Test func namedFilesAreThere() throws {
    let names = Self.quoted(in: try SourceTree.document("docs/ARCHITECTURE.md")).filter { $0.hasSuffix(".swift") }
    #expect(names.count > 40, "names were not found")
    let paths = SourceTree.sources.map { "/\($0.path)" }
    for name in names { #expect(paths.contains { $0.hasSuffix("/\(name)") }, "\(name)") }
  }

  /// The steps of a request name a function of the file that they begin with.
  @Test(arguments: ["## The way of a PUT", "## The way of a GET"])
  func stepsLeadFromFileToFile(heading: String) throws {
    let text = try SourceTree.document("docs/ARCHITECTURE.md")
    let start = try #require(text.firstRange(of: heading)).upperBound
    let section = text[start...].prefix(upTo: text[start...].firstRange(of: "\n## ")?.lowerBound ?? text.endIndex)
    var steps: [String] = []
    for line in section.split(separator: "\n") {
      if line.first?.isNumber == true { steps.append("") }
      if !steps.isEmpty { steps[steps.count - 1] += "\(line)\n" }
    }
    #expect((1...6).contains(steps.count))
    for step in steps {
      let names = Self.quoted(in: step)
      let file = try #require(SourceTree.sources.first { $0.path == names.first.map(String.init) }, "\(step)")
      let functions = names.dropFirst().filter { $0.first?.isLowercase == true }
      #expect(functions.contains { name in file.lines.contains { $0.contains("func \(name)") } }, "\(step)")
    }
  }
}

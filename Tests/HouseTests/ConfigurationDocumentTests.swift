import Base
import Testing

@testable import Setup

/// What docs/CONFIGURATION.md says is what the program does.
@Suite
struct ConfigurationDocumentTests {
  private static func document() throws -> String { try SourceTree.document("docs/CONFIGURATION.md") }

  /// The file in the ConfigMap: what stands behind its name, without its indentation.
  private static func example() throws -> String {
    let lines = try document().split(separator: "\n", omittingEmptySubsequences: false)
    let begin = try #require(lines.firstIndex { $0 == "  lmcache.yaml: |" })
    let end = try #require(lines[begin...].firstIndex { $0 == "```" })
    return lines[(begin + 1)..<end].map { $0.dropFirst(4) }.joined(separator: "\n")
  }

  @Test func itsExampleConfiguresTheServer() throws {
    let text = try Self.example()
    let command = try OptionParser.parse(
      ["--config", "/etc/lmcache.yaml"], environment: { _ in nil },
      file: { _ throws(OptionFailure) in Array(text.utf8) })
    guard case .serve(let options) = command else { throw OptionFailure(message: "it serves", exitCode: 0) }
    #expect(options.memoryBytes == 40 << 30)
    #expect(options.disk?.paths == ["/var/cache/a", "/var/cache/b"] && options.disk?.sizeBytes == 500 << 30)
    #expect(options.connectionsMax == 2000 && options.logFormat == .json && options.port == 65432)
    #expect(options.configuration?.othersCount == 5)
  }

  @Test func itsTablesNameWhatThereIs() throws {
    let text = try Self.document()
    for name in EngineName.names { #expect(text.contains("\n| `\(name)` | "), "\(name)") }
    let section = try #require(text.firstRange(of: "## SIGHUP"))
    let rows = text[section.upperBound...].split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count == 11)
    let names = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
    }
    for name in names { #expect(Flag.inFiles.contains { $0.fileName == name }, "\(name)") }
  }

  @Test func itsBoundsAreThoseInForce() throws {
    let text = try Self.document().split { $0 == "\n" || $0 == " " }.joined(separator: " ")
    for words in [
      "at most \(ByteSize.text(Limits.configurationBytesMax))", "at most \(Limits.configurationDepthMax) deep",
      "at most \(Limits.configurationValuesMax) values",
    ] { #expect(text.contains(words), "\(words)") }
  }
}

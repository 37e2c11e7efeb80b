import Testing

@testable import Setup

/// The README is where people look for a flag first.
@Suite
struct ReadmeTests {
  @Test func itsTableHasEveryFlag() throws {
    let rows = try SourceTree.document("README.md").split(separator: "\n").filter { $0.hasPrefix("| `--") }
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`(--[a-z-]+)`/).map { String($0.output.1) }
    }
    #expect(named.sorted() == Flag.all.map(\.name).sorted())
  }
}

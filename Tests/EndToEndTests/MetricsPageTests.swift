import Foundation
import Testing

/// docs/METRICS.md has a line for every family that the server exposes, with its kind and its labels, and no other.
@Suite
struct MetricsPageTests {
  private struct Line: Equatable {
    let kind: String
    let labels: Set<String>
  }

  private static let path: String = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/METRICS.md").path()

  /// Rows of its tables: | `name` | kind | labels | ... |
  private func page() throws -> [String: Line] {
    var lines: [String: Line] = [:]
    for row in try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n") where row.hasPrefix("| `")
    {
      let cells = row.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count > 4, ["counter", "gauge", "histogram"].contains(cells[2]) else { continue }
      let name = cells[1].trimmingCharacters(in: ["`"])
      let labels = cells[3].matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
      #expect(lines[name] == nil, "\(name) is there once")
      #expect(cells.count == 7 && !cells[4].isEmpty && !cells[5].isEmpty, "\(name) says what it means and what to do")
      lines[name] = Line(kind: cells[2], labels: Set(labels))
    }
    return lines
  }

  /// A server in which everything is on that has metrics of its own.
  @Test func thePageAndTheExpositionAgree() throws {
    let disk = try DiskDirectory()
    let elsewhere = try LoopbackListener()
    let server = try RunningServer(
      try #require(IODriver.available.first),
      [
        "--disk", disk.path, "--disk-size", "1GiB", "--lookup", "127.0.0.1:0", "--peer", "127.0.0.1:0", "--lookup-url",
        "redis://127.0.0.1:\(elsewhere.port)", "--tls-port", "0", "--quota", "model=m:1MiB",
      ] + Certificates.shared.flags)
    let exposed = try server.metrics().families
    let prefix = "lmcache_server_"
    #expect(exposed.keys.allSatisfy { $0.hasPrefix(prefix) })
    let families = Dictionary(
      uniqueKeysWithValues: exposed.map { name, family in
        let labels = family.samples.reduce(into: Set<String>()) { $0.formUnion($1.labels.keys) }
        return (String(name.dropFirst(prefix.count)), Line(kind: family.kind, labels: labels.subtracting(["le"])))
      })
    let page = try page()
    for (name, line) in families.sorted(by: { $0.key < $1.key }) {
      #expect(page[name] == line, "docs/METRICS.md of \(name): \(line.kind) \(line.labels.sorted())")
    }
    for name in page.keys.sorted() { #expect(families[name] != nil, "nothing exposes \(name)") }
  }
}

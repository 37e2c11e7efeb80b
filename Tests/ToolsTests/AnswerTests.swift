import Testing
import Wire

@testable import Tools

@Suite struct AnswerTests {
  private static func step(_ watch: inout CursorWatch, _ number: Int, found: Int = 1) -> Bool {
    watch.goesOn(Array("\(number)".utf8), found: found)
  }

  /// A server that shows the same cursors again would be asked for ever.
  @Test(arguments: [1, 2, 3, 17, 1000])
  func circlesAreNoticed(length: Int) {
    var watch = CursorWatch()
    var steps = 0
    // Some steps lead into the circle.
    while Self.step(&watch, steps < 5 ? -steps - 1 : (steps - 5) % length), steps < 10 * length + 100 { steps += 1 }
    #expect(steps < 4 * length + 40, "\(steps)")
  }

  @Test func manyCursorsAreNoCircle() {
    var watch = CursorWatch()
    let goesOn = (1...100_000).allSatisfy { Self.step(&watch, $0, found: $0 % 2) }
    #expect(goesOn)
  }

  @Test func metricsOfDisksAreFound() {
    let page = """
      # TYPE lmcache_server_disk_written_bytes_total counter
      lmcache_server_disk_written_bytes_total{path="/srv/a b"} 4096
      lmcache_server_disk_written_bytes_total{path="/x\\"y\\\\z\\n"} 1
      lmcache_server_disk_read_bytes_total{path="/srv/a b"} 1e3
      lmcache_server_disk_read_bytes_total{path="/bad} 7
      lmcache_server_disk_read_bytes_total{path="/worse"} NaN
      lmcache_server_disk_read_bytes_total{path="
      lmcache_server_disk_read_bytes_total
      lmcache_server_disk_first_read_bytes_total{path="/srv/a b"} 5
      """
    let metrics = DiskMetrics(Array(page.utf8))
    #expect(metrics.written == ["/srv/a b": 4096, "/x\"y\\\\z\\n": 1])
    #expect(metrics.read == ["/srv/a b": 1000])
  }

  @Test func queriesAreEscaped() throws {
    for text in ["meta-llama/L@1", "a b&c=d%?#", "ü+", "user=alice"] {
      let parameter = try #require(HTTPParameter(query: "key=\(RemoveTool.escaped(text))"))
      #expect(parameter.value == Array(text.utf8))
      #expect(RemoveTool.escaped(text).utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "&") })
    }
  }

  @Test func removalsAreCounted() throws {
    func removed(_ text: String) -> Removed? { JSONElement(Array(text.utf8)).flatMap(Removed.init) }
    let whole = "\"removed\": \"all\", \"chunks\": 5120, \"bytes\": 2048, \"on_disk_only\": 4096"
    var sum = try #require(removed("{\(whole), \"complete\": true}"))
    #expect(sum.text == "5,120 removed, 2 KiB, 4,096 of them on disk only" && sum.complaint == nil)
    let part = try #require(removed("{\(whole), \"complete\": false, \"error\": \"a disk\\u0007\"}"))
    #expect(part.complaint == "a disk\\u0007")
    sum.add(part)
    #expect(sum.chunks == 10_240)
    #expect(removed("{\"error\": \"no\"}") == nil && removed("{}") == nil && removed("{\"chunks\": \"1\"}") == nil)
    #expect(Removed().text == "0 removed, 0 B")
  }
}

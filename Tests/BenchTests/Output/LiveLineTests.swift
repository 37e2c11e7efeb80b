import Testing

@testable import Bench

@Suite
struct LiveLineTests {
  private static var progress: Progress {
    var progress = Progress()
    progress.caseTitle = "get 32 MiB"
    progress.targetLabel = "lmcache-server"
    progress.fraction = 0.5
    progress.gibibytesPerSecond = 5.72
    progress.operationsPerSecond = 183
    progress.most99 = 6_100_000
    return progress
  }

  private static func plain(width: Int) -> String {
    LiveLine(width: width, isColored: false, hasUnicode: true).text(progress)
  }

  @Test
  func everythingIsSaidWhereThereIsRoom() {
    #expect(
      Self.plain(width: 120)
        == "━━━━━━━━━━━━────────────   50 %  get 32 MiB  lmcache-server   5.72 GiB/s     183 op/s  p99  6.1 ms")
  }

  /// It must never wrap: a wrapped line cannot be erased.
  @Test(arguments: 0...200)
  func noLineIsAsWideAsTheTerminal(width: Int) {
    #expect(Self.plain(width: width).count <= max(width - 1, 0))
  }

  @Test
  func theSpeedIsTheLastToGo() {
    #expect(Self.plain(width: 14).contains("5.72 GiB/s"))
    #expect(!Self.plain(width: 60).contains("get 32 MiB"))
  }

  @Test
  func colorIsLeftOutWhenItIsNotWanted() {
    #expect(!Self.plain(width: 120).contains("\u{1B}"))
    #expect(LiveLine(width: 120, isColored: true, hasUnicode: true).text(Self.progress).contains("\u{1B}[0m"))
    #expect(LiveLine(width: 120, isColored: false, hasUnicode: false).text(Self.progress).utf8.allSatisfy { $0 < 128 })
  }

  @Test
  func labelsCannotMoveTheCursor() {
    var progress = Self.progress
    progress.targetLabel = "evil\u{1B}[2J\r\n\u{9B}1m"
    let line = LiveLine(width: 200, isColored: false, hasUnicode: true).text(progress)
    #expect(line.contains("evil.[2J...1m"))
  }

  @Test(arguments: [(-1.0, "0 %"), (0.999, "99 %"), (1, "100 %"), (7, "100 %")])
  func theShareDoneStaysBelievable(fraction: Double, text: String) {
    var progress = Self.progress
    progress.fraction = fraction
    #expect(LiveLine(width: 60, isColored: false, hasUnicode: true).text(progress).contains(text))
  }
}

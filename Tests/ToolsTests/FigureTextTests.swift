import Testing

@testable import Tools

@Suite struct FigureTextTests {
  @Test func figuresAreAsPeopleReadThem() {
    #expect(FigureText.count(0) == "0" && FigureText.count(999) == "999" && FigureText.count(1000) == "1,000")
    #expect(FigureText.count(1_234_567) == "1,234,567")
    #expect(FigureText.bytes(1536) == "1.5 KiB" && FigureText.byteRate(nil) == "-")
    #expect(FigureText.byteRate(1024) == "1 KiB/s")
    #expect(
      FigureText.rate(0.25) == "0.3/s" && FigureText.rate(99.96) == "100/s" && FigureText.rate(12_345.6) == "12,346/s")
    #expect(FigureText.share(1, of: 3) == "33.3 %" && FigureText.share(2, of: 2) == "100.0 %")
    #expect(FigureText.share(0, of: 0) == nil)
    #expect(FigureText.milliseconds(0.00125) == "1.3 ms")
    #expect(FigureText.duration(59) == "59 s" && FigureText.duration(60) == "1 min 0 s")
    #expect(FigureText.duration(3_600 * 5 + 61) == "5 h 1 min" && FigureText.duration(86_400 * 3 + 7_200) == "3 d 2 h")
    #expect(
      FigureText.padded("ab", 4) == "  ab" && FigureText.filled("ab", 4) == "ab  "
        && FigureText.padded("abc", 2) == "abc")
    #expect(
      FigureText.cut("abcdef", 4) == "abc…" && FigureText.cut("abcd", 4) == "abcd"
        && FigureText.cut("ab", 0) == "…")
  }

  /// A page may hold any number.
  @Test(arguments: [-1, -1e308, 1e308, 9.3e18, .infinity, -.infinity, .nan, 0.1])
  func noFigureStopsTheProgram(value: Double) {
    for text in [
      FigureText.count(value), FigureText.bytes(value), FigureText.byteRate(value), FigureText.rate(value),
      FigureText.milliseconds(value), FigureText.duration(value), FigureText.share(value, of: 1) ?? "-",
      FigureText.share(1, of: value) ?? "-",
    ] { #expect(!text.isEmpty) }
  }
}

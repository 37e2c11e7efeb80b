import Foundation
import Testing

@testable import Bench

@Suite
struct PictureTests {
  private static let sizes = [4 << 10, 64 << 10, 1 << 20, 32 << 20]
  private static let speeds = [0.5, 2.0, 4.25, 6.0]

  private static func sweep(_ names: [String] = ["one"]) -> Run {
    Samples.run(
      zip(sizes, speeds).map { size, speed in
        Samples.one(
          names.map { Samples.target($0, gibibytes: [speed * 0.9, speed, speed * 1.2], bytes: size) }, bytes: size)
      })
  }

  /// The axis value of a pixel, from two of the axis' labels, as a reader would find it.
  private static func readOff(_ pixel: Double, _ first: (Double, Double), _ last: (Double, Double)) -> Double {
    first.1 + (pixel - first.0) / (last.0 - first.0) * (last.1 - first.1)
  }

  @Test
  func pointsLieWhereTheAxesSay() throws {
    let drawing = try #require(Drawing(RunPicture(Self.sweep()).svg()))
    let yTicks = drawing.all("text", kind: "y-tick")
    let low = try #require(yTicks.first)
    #expect(low.text == "0")
    // The labels of the panels follow each other: the first panel's are the leading plain numbers above zero.
    let top = try #require(yTicks.dropFirst().prefix { (Double($0.text) ?? 0) > 0 }.last)
    let xTicks = drawing.all("text", kind: "x-tick").prefix(Self.sizes.count)
    #expect(xTicks.map(\.text) == ["4K", "64K", "1M", "32M"])
    for (index, mark) in drawing.marks.prefix(Self.sizes.count).enumerated() {
      // A label's baseline is a few pixels below its tick.
      let speed = Self.readOff(
        mark.y + 4, (low.number("y")!, Double(low.text)!), (top.number("y")!, Double(top.text)!))
      #expect(abs(speed - Self.speeds[index]) < 0.01)
      let octaves = Self.readOff(
        mark.x, (xTicks.first!.number("x")!, log2(Double(Self.sizes[0]))),
        (xTicks.last!.number("x")!, log2(Double(Self.sizes[3]))))
      #expect(abs(octaves - log2(Double(Self.sizes[index]))) < 0.01)
    }
  }

  @Test
  func errorBarsReachFromTheLeastToTheMost() throws {
    let drawing = try #require(Drawing(RunPicture(Self.sweep()).svg()))
    let marks = drawing.marks
    let bars = drawing.all("path", kind: "spread").prefix(4).map { bar -> (Double, Double) in
      let stem = bar.attributes["d"]!.split(separator: "M").last!
      let parts = stem.split(whereSeparator: { ",V".contains($0) }).map { Double($0)! }
      return (parts[1], parts[2])
    }
    let perGibibyte = (marks[0].y - marks[3].y) / (Self.speeds[3] - Self.speeds[0])
    for (index, (low, high)) in bars.enumerated() {
      #expect(abs((low - marks[index].y) / perGibibyte - Self.speeds[index] * 0.1) < 0.01)
      #expect(abs((marks[index].y - high) / perGibibyte - Self.speeds[index] * 0.2) < 0.01)
    }
  }

  @Test
  func everyTargetIsNamedBesideItsLine() throws {
    let names = ["one", "two", "three"]
    let drawing = try #require(Drawing(RunPicture(Self.sweep(names)).svg()))
    let labels = drawing.all("text", kind: "label")
    #expect(labels.prefix(3).map(\.text) == names)
    // All lines are the same, yet no label may cover another.
    let heights = labels.prefix(3).map { $0.number("y")! }.sorted()
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $1 - $0 >= 12 })
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\"/><svg onload='x'>", "a & b ]]> &amp;", "bell\u{7} nul\u{0} esc\u{1B}[31m",
    "\u{FFFE}\u{FFFF}", "日本語のサーバー", "", String(repeating: "long name ", count: 200),
  ])
  func hostileNamesStayText(name: String) throws {
    let svg = RunPicture(Self.sweep([name, "other"])).svg()
    let drawing = try #require(Drawing(svg))
    #expect(drawing.all("script").isEmpty)
    #expect(drawing.all("svg").count == 1)
    #expect(!drawing.elements.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } })
    let plain = try #require(Drawing(RunPicture(Self.sweep(["plain", "other"])).svg()))
    #expect(drawing.elements.map(\.name).filter { $0 != "path" } == plain.elements.map(\.name).filter { $0 != "path" })
  }

  @Test
  func nothingAndLittleAreDrawnToo() throws {
    let empty = TargetResult(label: "silent", address: "lm://127.0.0.1:1", dialect: .lm)
    let runs = [
      Samples.run([]), Samples.run([Samples.one([])]), Samples.run([Samples.one([empty])]),
      Samples.run([Samples.one([Samples.target("one", gibibytes: [3])])]),
      Samples.run([Samples.one([Samples.target("still", gibibytes: [0, 0], microseconds: [])])]),
      Samples.run([Samples.one([Samples.target("one", gibibytes: [3], microseconds: [50])]), Samples.one([empty])]),
    ]
    for run in runs {
      let svg = RunPicture(run).svg()
      #expect(Drawing(svg) != nil)
      #expect(!svg.contains("nan") && !svg.contains("inf"))
    }
  }

  /// One column of three panels would be a strip; groups are columns.
  @Test
  func pagesAreWide() throws {
    for connections in [[1], [1, 4]] {
      let run = Samples.run(
        connections.flatMap { count in
          Self.sweep().cases.map { one in
            var one = one
            one.connections = count
            return one
          }
        })
      let page = try #require(Drawing(RunPicture(run).svg())?.all("svg").first)
      #expect(page.number("width")! > 800)
    }
  }

  /// Everything drawn lies on the page.
  @Test
  func nothingLeavesThePage() throws {
    let drawing = try #require(Drawing(RunPicture(Self.sweep(["one", String(repeating: "W", count: 90)])).svg()))
    let page = try #require(drawing.all("svg").first)
    for text in drawing.all("text") {
      #expect((0...page.number("width")!).contains(text.number("x")!))
      #expect((0...page.number("height")!).contains(text.number("y")!))
    }
    for mark in drawing.marks {
      #expect((0...page.number("width")!).contains(mark.x) && (0...page.number("height")!).contains(mark.y))
    }
  }

  private static func linePanels(_ one: Case) -> [LinePanel] {
    CasePanels(one, among: []).panels().compactMap { panel in
      if case .lines(let lines) = panel { lines } else { nil }
    }
  }

  @Test
  func percentilesAreThoseOfTheHistogram() throws {
    let target = Samples.target("one", gibibytes: [1], microseconds: (1...10_000).map(Double.init))
    let panel = try #require(Self.linePanels(Samples.one([target])).first)
    let marked = panel.lines[0].points.filter(\.isMarked)
    #expect(marked.map(\.x) == [0.5, 0.9, 0.99, 0.999])
    for point in marked { #expect(abs(point.y - point.x * 10_000) < point.x * 10_000 / 64) }
    let heights = panel.lines[0].points.map(\.y)
    #expect(heights == heights.sorted())
  }

  @Test
  func aPauseIsAGapInTheLine() throws {
    var target = Samples.target("one", gibibytes: [1])
    target.timeline.points = [1, 1, 0, 1].enumerated().map { index, operations in
      Timeline.Point(
        seconds: Double(index) / 10, operations: operations, bytes: 0, half: 10_000, most99: 20_000, largest: 30_000)
    }
    let overTime = try #require(Self.linePanels(Samples.one([target])).last)
    #expect(overTime.lines.map(\.label) == ["p99", "p50", "max"])
    #expect(overTime.lines[0].stretches.map(\.count) == [2, 1])
    #expect(overTime.lines[0].points.map(\.y) == [20, 20, 20])
  }
}

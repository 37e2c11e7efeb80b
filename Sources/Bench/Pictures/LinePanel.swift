/// Lines over two axes, each labelled at its end instead of in a legend.
struct LinePanel {
  let title: String
  let x: Axis
  let y: Axis
  let lines: [Line]

  private static let labelSize = 12.5
  private static let barDistance = 3.0
  /// From this many points a line is drawn thinner, to stay readable.
  private static let crowdedCount = 120

  func draw(in area: Rectangle, into svg: inout SVGText) {
    let named = lines.filter { !$0.points.isEmpty }
    let labels = named.map { TextWidth.fitted($0.label, size: Self.labelSize, into: area.width * 0.3) }
    let labelWidth = labels.map { TextWidth.of($0, size: Self.labelSize) }.max() ?? 0
    let frame = PanelFrame(area, title: title, x: x, y: y, labelWidth: labelWidth)
    frame.draw(into: &svg)
    guard !named.isEmpty else { return frame.drawNothing(into: &svg) }
    // The first target is the one to look for: it is drawn last, on top.
    for (index, line) in named.enumerated().reversed() {
      // Error bars are shifted sideways where points have the same x.
      let shift = (Double(index) - Double(named.count - 1) / 2) * Self.barDistance
      draw(line, barShift: shift, in: frame, into: &svg)
    }
    drawLabels(zip(named, labels).map { ($0, $1) }, beside: frame, into: &svg)
  }

  private func draw(_ line: Line, barShift: Double, in frame: PanelFrame, into svg: inout SVGText) {
    let color = Palette.color(line.style)
    svg.open("g", ["class": "line", "opacity": line.isFaint ? "0.55" : "1"])
    svg.add("title", [:], content: line.label)
    for point in line.points {
      if let spread = point.spread {
        drawSpread(spread, x: frame.x(point.x) + barShift, color: color, in: frame, into: &svg)
      }
    }
    for stretch in line.stretches where stretch.count > 1 {
      let places = stretch.map { SVGText.number(frame.x($0.x)) + "," + SVGText.number(frame.y($0.y)) }
      svg.add(
        "polyline",
        [
          "points": places.joined(separator: " "), "fill": "none", "stroke": color,
          "stroke-width": line.isFaint || stretch.count > Self.crowdedCount ? "1.2" : "2.2", "stroke-linejoin": "round",
          "stroke-linecap": "round",
        ])
    }
    for point in line.points where point.isMarked {
      let place = "translate(\(SVGText.number(frame.x(point.x))) \(SVGText.number(frame.y(point.y))))"
      svg.add(
        "path",
        [
          "class": "mark", "d": Palette.shape(line.style), "transform": place, "fill": color,
          "stroke": Palette.background, "stroke-width": "1",
        ])
    }
    svg.close("g")
  }

  private func drawSpread(
    _ spread: ClosedRange<Double>, x: Double, color: String, in frame: PanelFrame, into svg: inout SVGText
  ) {
    let low = frame.y(spread.lowerBound)
    let high = frame.y(spread.upperBound)
    guard low - high > 1 else { return }
    let path = [(x - 2.5, x + 2.5, low), (x - 2.5, x + 2.5, high)].map { left, right, y in
      "M\(SVGText.number(left)),\(SVGText.number(y))H\(SVGText.number(right))"
    }
    let stem = "M\(SVGText.number(x)),\(SVGText.number(low))V\(SVGText.number(high))"
    svg.add(
      "path",
      [
        "class": "spread", "d": path.joined() + stem, "stroke": color, "stroke-width": "1.2", "opacity": "0.75",
        "fill": "none",
      ])
  }

  private func drawLabels(_ named: [(Line, String)], beside frame: PanelFrame, into svg: inout SVGText) {
    let ends = named.map { frame.y($0.0.points.last!.y) }
    let places = Spacing.apart(ends, by: Self.labelSize + 3, within: frame.plot.top...frame.plot.bottom)
    for (index, (line, label)) in named.enumerated() {
      let color = Palette.color(line.style)
      let end = frame.x(line.points.last!.x)
      let labelX = frame.plot.right + 14
      if abs(places[index] - ends[index]) > 4 || end < frame.plot.right - 8 {
        svg.add(
          "path",
          [
            "d": "M\(SVGText.number(end + 6)),\(SVGText.number(ends[index]))"
              + "L\(SVGText.number(labelX - 3)),\(SVGText.number(places[index]))",
            "stroke": color, "stroke-width": "0.8", "opacity": "0.6", "fill": "none",
          ])
      }
      svg.add(
        "text",
        [
          "class": "label", "x": SVGText.number(labelX), "y": SVGText.number(places[index] + Self.labelSize * 0.35),
          "font-size": SVGText.number(Self.labelSize), "font-weight": line.style == 0 ? "600" : "400", "fill": color,
        ], content: label)
    }
  }
}

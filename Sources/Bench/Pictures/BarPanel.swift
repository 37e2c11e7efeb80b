/// Bars from zero, one a target, with the range of the rounds as a whisker and the figure as text.
struct BarPanel {
  struct Bar {
    let label: String
    let style: Int
    let value: Double
    var spread: ClosedRange<Double>?
    let text: String
  }

  let title: String
  let unit: String
  let bars: [Bar]

  private static let size = 12.5
  private static let pitch = 54.0

  func draw(in area: Rectangle, into svg: inout SVGText) {
    text(title, x: area.left, y: area.top + 14, size: 15, weight: "600", color: Palette.ink, into: &svg)
    text(unit, x: area.left, y: area.top + 34, color: Palette.faint, into: &svg)
    let largest = bars.map { max($0.value, $0.spread?.upperBound ?? 0) }.filter(\.isFinite).max() ?? 0
    let labels = bars.map { TextWidth.fitted($0.label, size: Self.size, into: area.width * 0.35) }
    let left = area.left + (labels.map { TextWidth.of($0, size: Self.size) }.max() ?? 0) + 10
    let textWidth = bars.map { TextWidth.of($0.text, size: Self.size) }.max() ?? 0
    let scale = largest > 0 ? (area.right - left - textWidth - 16) / largest : 0
    let pitch = min(Self.pitch, (area.height - 56) / Double(max(bars.count, 1)))
    for (index, bar) in bars.enumerated() {
      let middle = area.top + 52 + (Double(index) + 0.5) * pitch
      draw(bar, labels[index], left: left, middle: middle, thickness: pitch * 0.55, scale: scale, into: &svg)
    }
  }

  private func draw(
    _ bar: Bar, _ label: String, left: Double, middle: Double, thickness: Double, scale: Double,
    into svg: inout SVGText
  ) {
    let color = Palette.color(bar.style)
    let end = left + (bar.value.isFinite ? bar.value * scale : 0)
    text(
      label, x: left - 8, y: middle + 4, weight: bar.style == 0 ? "600" : "400", anchor: "end", color: color, into: &svg
    )
    svg.add(
      "rect",
      [
        "class": "bar", "x": SVGText.number(left), "y": SVGText.number(middle - thickness / 2),
        "width": SVGText.number(end - left), "height": SVGText.number(thickness), "rx": "2", "fill": color,
        "fill-opacity": "0.82",
      ])
    var textStart = end
    if let spread = bar.spread {
      let low = left + spread.lowerBound * scale
      let high = left + spread.upperBound * scale
      textStart = max(end, high)
      let ends = [low, high].map { "M\(SVGText.number($0)),\(SVGText.number(middle - 4))v8" }.joined()
      svg.add(
        "path",
        [
          "class": "spread", "fill": "none", "stroke": Palette.ink, "stroke-width": "1.2",
          "d": ends + "M\(SVGText.number(low)),\(SVGText.number(middle))H\(SVGText.number(high))",
        ])
    }
    text(bar.text, x: textStart + 8, y: middle + 4, color: Palette.ink, into: &svg)
  }

  private func text(
    _ content: String, x: Double, y: Double, size: Double = BarPanel.size, weight: String = "400",
    anchor: String = "start", color: String, into svg: inout SVGText
  ) {
    svg.add(
      "text",
      [
        "x": SVGText.number(x), "y": SVGText.number(y), "font-size": SVGText.number(size), "font-weight": weight,
        "text-anchor": anchor, "fill": color,
      ], content: content)
  }
}

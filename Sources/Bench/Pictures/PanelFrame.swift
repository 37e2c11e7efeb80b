/// The common parts of panels over two axes: title, grid, ticks, and the mapping from values to pixels.
struct PanelFrame {
  let plot: Rectangle
  private let area: Rectangle
  private let title: String
  private let xAxis: Axis
  private let yAxis: Axis

  /// Keeps the first error bars clear of the axis' labels.
  private static let inset = 8.0
  private static let tickSize = 12.0
  private static let titleSize = 15.0

  init(_ area: Rectangle, title: String, x: Axis, y: Axis, labelWidth: Double) {
    self.area = area
    self.title = title
    xAxis = x
    yAxis = y
    let tickWidth = y.ticks.compactMap(\.label).map { TextWidth.of($0, size: Self.tickSize) }.max() ?? 0
    let left = area.left + tickWidth + 10
    let top = area.top + 50
    plot = Rectangle(
      left: left, top: top, width: area.right - left - labelWidth - 20, height: area.bottom - top - 44)
  }

  func x(_ value: Double) -> Double { plot.left + Self.inset + (plot.width - 2 * Self.inset) * xAxis.place(value) }
  func y(_ value: Double) -> Double { plot.bottom - plot.height * yAxis.place(value) }

  func draw(into svg: inout SVGText) {
    text(title, x: area.left, y: area.top + 14, size: Self.titleSize, weight: "600", color: Palette.ink, into: &svg)
    text(yAxis.title, x: area.left, y: area.top + 34, size: 12.5, color: Palette.faint, into: &svg)
    for tick in yAxis.ticks { drawRow(tick, into: &svg) }
    for tick in spaced(xAxis.ticks) { drawColumn(tick, into: &svg) }
    line(plot.left, plot.bottom, plot.right, plot.bottom, color: Palette.faint, into: &svg)
    text(
      xAxis.title, x: plot.left + plot.width / 2, y: plot.bottom + 36, size: 12.5, anchor: "middle",
      color: Palette.faint, into: &svg)
  }

  func drawNothing(into svg: inout SVGText) {
    text(
      "nothing was measured", x: plot.left + plot.width / 2, y: plot.top + plot.height / 2, size: 13,
      anchor: "middle", color: Palette.faint, into: &svg)
  }

  private func drawRow(_ tick: Tick, into svg: inout SVGText) {
    let place = y(tick.value)
    line(plot.left, place, plot.right, place, color: Palette.grid, into: &svg)
    guard let label = tick.label else { return }
    text(
      label, x: plot.left - 7, y: place + 4, size: Self.tickSize, anchor: "end", color: Palette.faint,
      kind: "y-tick", into: &svg)
  }

  /// Removes labels that would touch another: keeps the last one, then from the left as many as fit.
  private func spaced(_ ticks: [Tick]) -> [Tick] {
    func half(_ tick: Tick) -> Double { TextWidth.of(tick.label ?? "", size: Self.tickSize) / 2 + 2 }
    guard let last = ticks.last(where: { $0.label != nil }) else { return ticks }
    var taken = -Double.infinity
    return ticks.map { tick in
      guard tick.label != nil, tick != last else { return tick }
      let fits = x(tick.value) - half(tick) >= taken && x(tick.value) + half(tick) <= x(last.value) - half(last)
      if fits { taken = x(tick.value) + half(tick) }
      return fits ? tick : Tick(value: tick.value)
    }
  }

  private func drawColumn(_ tick: Tick, into svg: inout SVGText) {
    let place = x(tick.value)
    line(place, plot.top, place, plot.bottom, color: Palette.grid, into: &svg)
    guard let label = tick.label else { return }
    text(
      label, x: place, y: plot.bottom + 17, size: Self.tickSize, anchor: "middle", color: Palette.faint,
      kind: "x-tick", into: &svg)
  }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String, into svg: inout SVGText
  ) {
    svg.add(
      "line",
      [
        "x1": SVGText.number(x1), "y1": SVGText.number(y1), "x2": SVGText.number(x2), "y2": SVGText.number(y2),
        "stroke": color, "stroke-width": "1",
      ])
  }

  private func text(
    _ content: String, x: Double, y: Double, size: Double, weight: String = "400", anchor: String = "start",
    color: String, kind: String = "note", into svg: inout SVGText
  ) {
    svg.add(
      "text",
      [
        "class": kind, "x": SVGText.number(x), "y": SVGText.number(y), "font-size": SVGText.number(size),
        "font-weight": weight, "text-anchor": anchor, "fill": color,
      ], content: content)
  }
}

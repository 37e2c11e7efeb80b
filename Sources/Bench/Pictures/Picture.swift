/// Panels on a page with a background, a title for what was measured and a line for where.
struct Picture {
  enum Panel {
    case lines(LinePanel)
    case bars(BarPanel)
  }

  let title: String
  let subtitle: String
  let footer: String
  let columns: Int
  let rows: [[Panel]]

  private static let margin = 28.0
  private static let gap = 34.0
  private static let panelWidth = 420.0
  private static let panelHeight = 300.0
  private static let headHeight = 74.0
  private static let footHeight = 40.0
  private static let fonts = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

  func svg() -> String {
    let width = 2 * Self.margin + Double(columns) * Self.panelWidth + Double(columns - 1) * Self.gap
    let height = Self.headHeight + Double(max(rows.count, 1)) * (Self.panelHeight + Self.gap) + Self.footHeight
    var svg = SVGText()
    svg.open(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": SVGText.number(width), "height": SVGText.number(height),
        "viewBox": "0 0 \(SVGText.number(width)) \(SVGText.number(height))", "font-family": Self.fonts, "role": "img",
        "aria-label": title,
      ])
    svg.add("title", [:], content: title)
    svg.add(
      "rect",
      [
        "x": "0.5", "y": "0.5", "width": SVGText.number(width - 1), "height": SVGText.number(height - 1), "rx": "8",
        "fill": Palette.background, "stroke": Palette.frame,
      ])
    line(title, y: 36, size: 20, weight: "600", color: Palette.ink, width: width, into: &svg)
    line(subtitle, y: 59, size: 13.5, weight: "400", color: Palette.faint, width: width, into: &svg)
    for (row, panels) in rows.enumerated() {
      for (column, panel) in panels.enumerated() { draw(panel, row: row, column: column, into: &svg) }
    }
    line(footer, y: height - 20, size: 11, weight: "400", color: Palette.faint, width: width, into: &svg)
    svg.close("svg")
    return svg.text
  }

  private func draw(_ panel: Panel, row: Int, column: Int, into svg: inout SVGText) {
    let area = Rectangle(
      left: Self.margin + Double(column) * (Self.panelWidth + Self.gap),
      top: Self.headHeight + 14 + Double(row) * (Self.panelHeight + Self.gap), width: Self.panelWidth,
      height: Self.panelHeight)
    switch panel {
    case .lines(let panel): panel.draw(in: area, into: &svg)
    case .bars(let panel): panel.draw(in: area, into: &svg)
    }
  }

  private func line(
    _ content: String, y: Double, size: Double, weight: String, color: String, width: Double, into svg: inout SVGText
  ) {
    svg.add(
      "text",
      [
        "x": SVGText.number(Self.margin), "y": SVGText.number(y), "font-size": SVGText.number(size),
        "font-weight": weight, "fill": color,
      ], content: TextWidth.fitted(content, size: size, into: width - 2 * Self.margin))
  }
}

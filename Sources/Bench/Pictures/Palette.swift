/// Colours that people with any colour vision tell apart (after Okabe and Ito), and shapes for print without colour.
enum Palette {
  static let background = "#ffffff"
  static let frame = "#d9dce1"
  static let grid = "#e8eaed"
  static let ink = "#1f2328"
  static let faint = "#5c6470"

  static func color(_ index: Int) -> String { colors[index % colors.count] }

  /// A path around the origin.
  static func shape(_ index: Int) -> String { shapes[index % shapes.count] }

  private static let colors = ["#0072b2", "#d55e00", "#00855f", "#a8518a", "#8f6a00", "#3a87ad", "#4d4d4d"]
  private static let shapes = [
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z",
    "M-3.5,-3.5H3.5V3.5H-3.5Z",
    "M0,-5L4.8,3.6H-4.8Z",
    "M0,-5L5,0L0,5L-5,0Z",
    "M0,5L4.8,-3.6H-4.8Z",
  ]
}

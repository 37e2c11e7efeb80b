/// One target's line in a panel.
struct Line {
  struct Point {
    let x: Double
    let y: Double
    /// The ends of an error bar.
    var spread: ClosedRange<Double>?
    /// A point at a named place, not one of many along a curve.
    var isMarked = true
  }

  let label: String
  /// Index of colour and shape: a target keeps both in all panels.
  let style: Int
  /// Between two stretches is a gap: nothing was measured there.
  let stretches: [[Point]]
  var isFaint = false

  var points: [Point] { stretches.flatMap { $0 } }
}

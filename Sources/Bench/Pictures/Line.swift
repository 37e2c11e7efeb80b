/// One target's way through a panel.
struct Line {
  struct Point {
    let x: Double
    let y: Double
    /// The ends of an error bar.
    var spread: ClosedRange<Double>?
    /// A point that was measured at a named place, not one of many along a curve.
    var isMarked = true
  }

  let label: String
  /// Which colour and shape: one target keeps both in all panels.
  let style: Int
  /// A gap between two stretches: nothing was measured there.
  let stretches: [[Point]]
  var isFaint = false

  var points: [Point] { stretches.flatMap { $0 } }
}

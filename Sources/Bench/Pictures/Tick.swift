/// A mark on an axis; one without a label is only a line of the grid.
struct Tick: Equatable {
  let value: Double
  var label: String?
}

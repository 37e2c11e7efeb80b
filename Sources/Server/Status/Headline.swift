/// What the server says of itself in a line: which of a few states it is in, why, and what to change.
struct Headline: Equatable {
  enum State: String, CaseIterable, Sendable {
    case servingWell = "serving_well"
    case filling
    case tooSmall = "too_small"
    case notUsed = "not_used"
    case cutOff = "cut_off"
    case degraded
    case draining

    var title: String {
      switch self {
      case .servingWell: "Serving well"
      case .filling: "Filling"
      case .tooSmall: "Too small"
      case .notUsed: "Not used"
      case .cutOff: "Cut off"
      case .degraded: "Degraded"
      case .draining: "Draining"
      }
    }
  }

  let state: State
  /// In one sentence.
  let why: String
  /// Nil where nothing is to be changed.
  let change: String?

  init(_ state: State, _ why: String, change: String? = nil) {
    (self.state, self.why, self.change) = (state, why, change)
  }
}

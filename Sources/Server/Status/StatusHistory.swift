import Base

/// The numbers of the last hour, a moment for each step, the oldest giving its place to the newest.
struct StatusHistory {
  private var moments: [StatusMoment] = []
  private var next = 0

  init() { moments.reserveCapacity(Limits.statusStepsMax) }

  var count: Int { moments.count }
  /// The start of the server while nothing is remembered.
  var newest: StatusMoment { moments.isEmpty ? StatusMoment() : self[count - 1] }

  /// From the oldest, which is 0.
  subscript(index: Int) -> StatusMoment {
    moments.count < Limits.statusStepsMax ? moments[index] : moments[(next + index) % Limits.statusStepsMax]
  }

  mutating func append(_ moment: StatusMoment) {
    if moments.count < Limits.statusStepsMax {
      moments.append(moment)
    } else {
      moments[next] = moment
      next = (next + 1) % Limits.statusStepsMax
    }
  }

  /// The newest moment that is no younger than this; before the first one there was nothing.
  func moment(before time: UInt64) -> StatusMoment {
    for index in stride(from: count - 1, through: 0, by: -1) where self[index].at <= time { return self[index] }
    return count < Limits.statusStepsMax ? StatusMoment() : self[0]
  }

  /// What each step added, the oldest first.
  var steps: [StatusMoment] { count < 2 ? [] : (1..<count).map { self[$0].since(self[$0 - 1]) } }
}

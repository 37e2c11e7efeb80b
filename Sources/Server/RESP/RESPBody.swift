import Store

/// An argument that was received straight into pages, or dropped because there was no room for it.
struct RESPBody: ~Copyable {
  let argument: Int
  let length: Int
  /// Nil: dropped.
  var reservation: Reservation?

  /// Its pages are needed elsewhere.
  var isUnwanted: Bool {
    switch reservation {
    case .some(let reservation): reservation.isCondemned
    case .none: false
    }
  }

  mutating func drop(_ reason: DropReason) {
    if let dropped = reservation.take() { dropped.abandon(reason) }
  }
}

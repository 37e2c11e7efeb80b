import Store

/// An argument that was received straight into pages, or dropped because there was no room for it.
struct RESPBody: ~Copyable {
  let argument: Int
  let length: Int
  /// Which request of a transaction it waits for; 0 is the one that is being read or executed.
  var request = 0
  /// Nil: dropped.
  var reservation: Reservation?

  var holdsPages: Bool {
    switch reservation {
    case .some: true
    case .none: false
    }
  }

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

import Base
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

/// Values that came as bodies and wait until their request is executed, in the order in which it names them.
struct RESPBodies: ~Copyable {
  private var queue = Queue<RESPBody>()
  /// How many of them hold pages.
  private(set) var held = 0
  /// And how long those are together.
  private(set) var heldBytes = 0

  mutating func append(_ body: consuming RESPBody) {
    if body.holdsPages {
      held += 1
      heldBytes += body.length
    }
    queue.append(body)
  }

  /// Of the body that is this argument, dropped or not; nil where it came with its request.
  func length(ofArgument argument: Int) -> Int? {
    for index in 0..<queue.count where queue[index].argument == argument { return queue[index].length }
    return nil
  }

  /// The body that is this argument. Those before it that nothing asked for go.
  mutating func take(request: Int = 0, argument: Int) -> RESPBody? {
    while queue.count > 0, (queue[0].request, queue[0].argument) <= (request, argument) {
      let first = queue.removeFirst()
      if first.holdsPages {
        held -= 1
        heldBytes -= first.length
      }
      if first.request == request, first.argument == argument { return first }
    }
    return nil
  }

  /// What it needs to remember them.
  var byteCount: Int { queue.byteCount }

  mutating func removeAll() {
    queue.removeAll()
    // A rare request of many does not keep its memory for the connection's life.
    queue.shrink(above: Limits.respHeldValuesMax)
    (held, heldBytes) = (0, 0)
  }

  /// Gives back the pages that others need more.
  mutating func dropUnwanted() {
    for index in 0..<queue.count where queue[index].isUnwanted { drop(index, .condemned) }
  }

  /// Gives back all pages.
  mutating func dropAll(_ reason: DropReason) {
    for index in 0..<queue.count where queue[index].holdsPages { drop(index, reason) }
  }

  private mutating func drop(_ index: Int, _ reason: DropReason) {
    heldBytes -= queue[index].length
    queue[index].drop(reason)
    held -= 1
  }
}

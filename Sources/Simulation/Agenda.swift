/// Future events: a heap by time, and by order of entry within the same time.
struct Agenda {
  private struct Item {
    var time: UInt64
    var order: UInt64
    var happening: Happening
  }

  private var items: [Item] = []
  private var entered: UInt64 = 0

  var nextTime: UInt64? { items.first?.time }

  mutating func add(_ happening: Happening, at time: UInt64) {
    entered += 1
    items.append(Item(time: time, order: entered, happening: happening))
    var child = items.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popDue(at time: UInt64) -> Happening? {
    guard let first = items.first, first.time <= time else { return nil }
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && precedes(child, smallest) {
        smallest = child
      }
      guard smallest != parent else { break }
      items.swapAt(parent, smallest)
      parent = smallest
    }
    return first.happening
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    // Not as tuples: in a debug build this comparison would take most of the time.
    if items[left].time != items[right].time { return items[left].time < items[right].time }
    return items[left].order < items[right].order
  }
}

/// One thing that the simulated kernel still has to do.
enum Happening {
  /// Retry the operations that wait on a socket.
  case attemptReceive(Int32)
  case attemptSend(Int32)
  case attemptAccept(listener: Int32)
  /// Carry out what waits for its turn at the device.
  case attemptOnFile(SimulatedDriver, token: UInt64)
  /// Make calls of a directory that waited for its disk.
  case carryOut(@Sendable () -> Void)
  /// Bytes that were under way reach a socket.
  case deliver(to: Int32, from: Int32, Parcel)
  case deliverEnd(to: Int32)
  case reset(Int32)
  case cancel(SimulatedDriver, token: UInt64)
  case complete(SimulatedDriver, token: UInt64, result: Int32)
}

import Base

/// The operations that a device has under way: so many at a time, and each looked at until it is answered. Of one loop.
final class DeviceGate: @unchecked Sendable {
  private struct Operation {
    let direction: Transfer.Direction
    var looks = 0
  }

  private let depth: DepthGate
  private var operations: [Int: Operation] = [:]
  private var lastNumber = 0

  init(depth: Int) { self.depth = DepthGate(depth) }

  /// Waits for its turn. Returns the operation's number.
  func enter(_ direction: Transfer.Direction) async -> Int {
    await depth.enter()
    return begin(direction)
  }

  func leave(_ number: Int) {
    end(number)
    depth.leave()
  }

  /// What waits for no turn: a sync, or a call of the directory.
  func begin(_ direction: Transfer.Direction) -> Int {
    lastNumber += 1
    operations[lastNumber] = Operation(direction: direction)
    return lastNumber
  }

  func end(_ number: Int) { operations[number] = nil }

  // MARK: Looking

  /// Called at even intervals, and counted instead of time: after a stop of the whole process nothing looks old that could
  /// not be answered meanwhile.
  func look() {
    for number in operations.keys { operations[number]!.looks += 1 }
  }

  func hangs(_ direction: Transfer.Direction) -> Bool {
    operations.values.contains { $0.direction == direction && $0.looks >= Limits.looksMax }
  }

  var hangs: Bool { hangs(.read) || hangs(.write) }
}

/// So many at once, in the order in which they came. Of one loop.
final class DepthGate: @unchecked Sendable {
  private var free: Int
  private var waiters = Queue<UnsafeContinuation<Void, Never>>()

  init(_ count: Int) { free = count }

  func enter() async {
    if free > 0 { return free -= 1 }
    await withUnsafeContinuation { waiters.append($0) }
  }

  func leave() {
    if let next = waiters.popFirst() { next.resume() } else { free += 1 }
  }
}

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

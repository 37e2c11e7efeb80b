import Base

/// A lane's uses of entries that the order does not know yet.
struct TouchBuffer: @unchecked Sendable {
  private let touches: UnsafeMutablePointer<Touch>
  private(set) var count = 0

  init() { touches = .allocate(capacity: Limits.touchesPerLane) }

  var isFull: Bool { count == Limits.touchesPerLane }

  mutating func append(_ touch: Touch) {
    precondition(!isFull)
    (touches + count).initialize(to: touch)
    count += 1
  }

  mutating func drain(_ apply: (Touch) -> Void) {
    for index in 0..<count { apply(touches[index]) }
    count = 0
  }

  func deallocate() { touches.deallocate() }
}

import Glibc
import IO

/// A driver whose kernel is the world: submits operations to it and takes completions from it.
package final class SimulatedDriver: Driver {
  package let kind = DriverKind.simulated
  package let lends = true
  package let lendingRefusal: DriverRefusal? = nil
  private unowned let world: SimulatedWorld
  private var done: [Completion] = []
  /// A planted bug that must be noticed: a cancelled verb returns before the kernel is done with its memory.
  private let endsCancelledEarly: Bool
  private var endedEarly: Set<UInt64> = []

  init(world: SimulatedWorld, endsCancelledEarly: Bool) {
    self.world = world
    self.endsCancelledEarly = endsCancelledEarly
  }

  var hasCompletions: Bool { !done.isEmpty }

  func complete(_ completion: Completion) {
    if endedEarly.remove(completion.token) == nil { done.append(completion) }
  }

  package func start() {}
  package func now() -> UInt64 { world.now }
  package func wake() {}

  package func submit(_ operation: Operation, token: UInt64) {
    if endsCancelledEarly, case .cancel(let target) = operation {
      complete(Completion(token: target, result: -ECANCELED))
      endedEarly.insert(target)
    }
    world.submit(operation, token: token, from: self)
  }

  package func sendAtOnce(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int) -> Int32? {
    world.sendAtOnce(descriptor, regions, count)
  }

  package func wait(until deadline: UInt64, into completions: UnsafeMutableBufferPointer<Completion>) -> Int {
    let count = min(done.count, completions.count)
    for position in 0..<count { completions[position] = done[position] }
    done.removeFirst(count)
    return count
  }

  package func makeSocket(family: Int32) -> Int32? { world.hasDescriptors ? world.makeSocket() : nil }
  package func configureAccepted(_ descriptor: Int32) {}
  package func limitUnsent(_ descriptor: Int32, bytes: Int) {}
  package func shutdown(_ descriptor: Int32, _ direction: Direction) {
    world.shutdown(descriptor, direction)
  }
  package func release(_ descriptor: Int32) {}
  package func close(_ descriptor: Int32) { world.close(descriptor) }
}

import Glibc
import Synchronization

@testable import IO

/// A real driver that counts its waits, and that continues to wait if only the idle turn would end a wait.
///
/// A loop turns once a second in any case, which would hide a lost wake-up; this driver exposes one.
final class ObservedDriver: Driver, @unchecked Sendable {
  private static let longNanoseconds: UInt64 = 45_000_000_000

  private let real: any Driver
  private let sleepsOn: Bool
  /// Read it on the loop's thread only.
  private(set) var turns = 0
  private let overslept = Atomic<Int>(0)

  /// - Parameter sleepsOn: false keeps all deadlines.
  init(_ real: any Driver, sleepsOn: Bool = true) {
    self.real = real
    self.sleepsOn = sleepsOn
  }

  var lostWakes: Int { overslept.load(ordering: .relaxed) }

  var kind: DriverKind { real.kind }
  var lends: Bool { real.lends }
  var lendingRefusal: DriverRefusal? { real.lendingRefusal }
  func start() { real.start() }
  func now() -> UInt64 { real.now() }
  func submit(_ operation: Operation, token: UInt64) { real.submit(operation, token: token) }
  func sendAtOnce(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int) -> Int32? {
    real.sendAtOnce(descriptor, regions, count: count)
  }
  func wake() { real.wake() }
  func makeSocket(family: Int32) -> Int32? { real.makeSocket(family: family) }
  func configureAccepted(_ descriptor: Int32) { real.configureAccepted(descriptor) }
  func limitUnsent(_ descriptor: Int32, bytes: Int) { real.limitUnsent(descriptor, bytes: bytes) }
  func shutdown(_ descriptor: Int32, _ direction: Direction) { real.shutdown(descriptor, direction) }
  func release(_ descriptor: Int32) { real.release(descriptor) }
  func close(_ descriptor: Int32) { real.close(descriptor) }

  func wait(until deadline: UInt64, into completions: UnsafeMutableBufferPointer<Completion>) -> Int {
    turns += 1
    guard sleepsOn, deadline > real.now() else { return real.wait(until: deadline, into: completions) }
    let patience = real.now() + Self.longNanoseconds
    let count = real.wait(until: patience, into: completions)
    if count == 0, real.now() >= patience { overslept.add(1, ordering: .relaxed) }
    return count
  }
}

import Base
import Testing

@testable import IO

/// Sleeps of which one can be ended early.
@Suite(.patience)
struct SleepTokenTests {
  private static let hour: UInt64 = 3_600_000_000_000

  @Test(arguments: realDrivers)
  func aSleepIsEndedByItsToken(kind: DriverKind) async throws {
    try await onLoop(kind) { loop in
      let tokens = Shared<[Int: UInt64]>([:])
      let woken = Shared<[Int]>([])
      await withTaskGroup(of: Void.self) { group in
        for sleeper in 0..<3 {
          group.addTask {
            await loop.sleep(until: loop.now + Self.hour) { token in tokens.change { $0[sleeper] = token } }
            woken.change { $0.append(sleeper) }
          }
        }
        while tokens.value.count < 3 { await loop.sleep(nanoseconds: 1_000_000) }
        for (count, sleeper) in [1, 0, 2].enumerated() {
          if let token = tokens.value[sleeper] { loop.wake(token) }
          while woken.value.count <= count { await loop.sleep(nanoseconds: 1_000_000) }
        }
      }
      #expect(woken.value == [1, 0, 2])
      #expect(loop.slots.inUse == 0)
      // One that is over has another's slot.
      let deadline = loop.now + 20_000_000
      await loop.sleep(until: deadline) { _ in tokens.value.values.forEach(loop.wake) }
      #expect(loop.now >= deadline)
    }
  }
}

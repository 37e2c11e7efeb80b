import Base
import Glibc
import Testing

@testable import IO

/// Sleeps that another thread may end.
@Suite(.patience)
struct NudgeTests {
  private static let hour: UInt64 = 3_600_000_000_000

  @Test(arguments: realDrivers)
  func aNudgeEndsAllSleepsThatWaitForIt(kind: DriverKind) async throws {
    let asleep = Shared(0)
    try await onLoop(kind) { loop in
      let nudger = Thread(name: "nudger") {
        while asleep.value < 5 { usleep(1000) }
        loop.nudge()
      }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<5 {
          group.addTask {
            asleep.change { $0 += 1 }
            await loop.sleepUntilNudged(nanoseconds: Self.hour)
          }
        }
      }
      nudger.join()
      #expect(loop.slots.inUse == 0)
    }
  }

  @Test(arguments: realDrivers)
  func withoutANudgeASleepEndsByItself(kind: DriverKind) async throws {
    try await onLoop(kind) { loop in
      // An earlier nudge does not count.
      loop.nudge()
      let deadline = loop.now + 20_000_000
      await loop.sleepUntilNudged(nanoseconds: 20_000_000)
      #expect(loop.now >= deadline)
    }
  }

  /// Most of the sleeps are over when a nudge comes: other waits have their slots by then.
  @Test(arguments: realDrivers)
  func othersSleepOn(kind: DriverKind) async throws {
    let mayEnd = Shared(false)
    try await onLoop(kind) { loop in
      let nudger = Thread(name: "nudger") {
        while !mayEnd.value {
          loop.nudge()
          usleep(300)
        }
      }
      await withTaskGroup(of: Void.self) { group in
        for lane in 0..<8 {
          group.addTask {
            for round in 0..<40 {
              let deadline = loop.now + 2_000_000
              if (lane + round) % 2 == 0 {
                await loop.sleep(until: deadline)
                #expect(loop.now >= deadline)
              } else {
                await loop.sleepUntilNudged(nanoseconds: UInt64(1 + round % 7) * 1_000_000)
              }
            }
          }
        }
      }
      mayEnd.change { $0 = true }
      nudger.join()
      #expect(loop.slots.inUse == 0 && loop.nudgeable.count <= 8)
    }
  }

  /// A sleep that ran to its end is not kept for a nudge that never comes.
  @Test(arguments: realDrivers)
  func sleepsThatAreOverAreForgotten(kind: DriverKind) async throws {
    try await onLoop(kind) { loop in
      for _ in 0..<20 { await loop.sleepUntilNudged(nanoseconds: 1) }
      #expect(loop.nudgeable.count <= 2)
    }
  }
}

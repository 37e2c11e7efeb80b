import Base
import Foundation
import IO
import Simulation
import Testing
import Wire

@testable import Server

@Suite struct RedisConnectionTests {
  /// An announcer tries for as long as the server lives. Other tests run beside this one and take memory too: so many tries
  /// leave more behind than all of them, if each leaves its buffer.
  @Test func aTryWithoutADescriptorLeavesNothingBehind() throws {
    let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
    world.hasDescriptors = false
    let loop = world.makeLoop()
    let tries = 200_000
    let before = try residentBytes()
    let failures = Counter()
    loop.startRoot {
      guard let target = try? RedisURL("redis://127.0.0.1:9") else { return }
      for _ in 0..<tries {
        do { _ = try await RedisConnection(to: target, on: loop) } catch { failures.add() }
      }
    }
    #expect(world.run(until: { failures.value == tries }, nanosecondsMax: .max / 2))
    // Each touches a page of its buffer at least.
    #expect(try residentBytes() < before + tries * 4096 / 4 * 3)
  }

  private func residentBytes() throws -> Int {
    let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(words[1]) ?? 0) * 4096
  }
}

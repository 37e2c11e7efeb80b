import Base
import Foundation
import IO
import Simulation
import Testing
import Wire

@testable import Server

@Suite struct RedisConnectionTests {
  /// An announcer tries for as long as the server lives. In a process of its own: other tests take memory too.
  @Test func aTryWithoutADescriptorLeavesNothingBehind() async {
    await #expect(processExitsWith: .success) { try tryWithoutDescriptors() }
  }
}

private func tryWithoutDescriptors() throws {
  let world = SimulatedWorld(seed: 1, faults: FaultPlan.none)
  world.hasDescriptors = false
  let loop = world.makeLoop()
  let tries = 20_000
  let failures = Counter()
  loop.startRoot {
    guard let target = try? RedisURL("redis://127.0.0.1:9") else { return }
    for _ in 0..<tries {
      do { _ = try await RedisConnection(to: target, trusting: nil, on: loop) } catch { failures.add() }
    }
  }
  let before = try residentBytes()
  #expect(world.run(until: { failures.value == tries }, nanosecondsMax: .max / 2))
  // Each touches a page of its buffer at least.
  #expect(try residentBytes() < before + tries * 4096 / 4 * 3)
}

private func residentBytes() throws -> Int {
  let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
  return (Int(words[1]) ?? 0) * 4096
}

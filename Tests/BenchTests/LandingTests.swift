import Base
import Testing

@testable import Bench

/// The target of bodies decides the cost of the copy, so it has to be as an engine's.
@Suite
struct LandingTests {
  private func plans(_ line: String) throws -> [CasePlan] {
    try CasePlan.all(try Options.parse(line.split(separator: " ").map(String.init) + ["lm://h:1"]))
  }

  private func bytes(_ line: String) throws -> Int { Landing(try plans(line)).stretch(of: 0, among: 1).count }

  @Test
  func thereAreAsManyBuffersAsValuesUpToABound() throws {
    #expect(try bytes("get --size 4096 --keys 10") == 10 * 8192, "a line's end needs room as well")
    #expect(try bytes("get --size 4MiB --keys 1000") == 63 * ((4 << 20) + 4096))
    #expect(try bytes("get --size 4KiB,1MiB --keys 16") == 16 * ((1 << 20) + 4096), "the largest case counts")
    #expect(try bytes("get --size 32MiB --keys 1 --connections 3") == 3 * ((32 << 20) + 4096))
    #expect(try bytes("churn --size 1MiB --keys 1") == 255 * ((1 << 20) + 4096))
  }

  @Test(arguments: ["get --drop", "put", "fill", "exist", "exist-beside --bulk put"])
  func whoReceivesNothingHasNone(line: String) throws {
    #expect(try bytes(line) == 0)
  }

  @Test
  func connectionsHaveStretchesOfTheirOwn() throws {
    let landing = Landing(try plans("get --size 8KiB --keys 64 --connections 3"))
    let stretches = (0..<3).map { landing.stretch(of: $0, among: 3) }
    for (one, other) in zip(stretches, stretches.dropFirst()) {
      #expect(one.baseAddress! + one.count <= other.baseAddress!)
      #expect(one.count >= Landing.bufferBytes(ofValue: 8192) && one.count == other.count)
    }
  }
}

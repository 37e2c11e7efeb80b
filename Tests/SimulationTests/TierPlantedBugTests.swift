#if DEBUG
  import Simulation
  import Testing

  @testable import Tier

  /// Lives with a tier notice planted errors; otherwise thousands of clean ones would prove little.
  @Suite struct TierPlantedBugTests {
    /// - Parameter words: one of them is in what the failure says.
    private func expectCaught(
      _ bug: PlantedTierBug, from first: UInt64 = 0, harm: TierPlan.Harm = .none, saying words: [String],
      change: (inout TierPlan) -> Void = { _ in }
    ) {
      for seed in first..<first + 60 {
        let life = TierLife(seed: seed, harm: harm, bug: bug, change: change)
        life.run()
        guard let failure = life.failure else { continue }
        print("NOTE: \(bug) was noticed at seed \(seed): \(failure.prefix(200))")
        #expect(words.contains { failure.contains($0) }, "\(failure)")
        return
      }
      Issue.record("nobody noticed the planted bug: \(bug)")
    }

    @Test func skippingChecksumsIsNoticed() {
      expectCaught(.skipChecksums, harm: .often, saying: ["holds no version", "holds version"])
    }

    @Test func forgettingGravesIsNoticed() {
      expectCaught(.forgetGraves, saying: ["holds version", "living blocks"]) { $0.ends = [.kill, .clean] }
    }

    @Test func believingAnOldLifeIsNoticed() {
      expectCaught(.believeOldLife, saying: ["is not back", "holds version", "checksums failed"]) {
        $0.ends = [.kill, .clean]
      }
    }

    @Test func reusingASegmentUnderAReaderIsNoticed() {
      expectCaught(.reuseUnderReader, saying: ["is free while it is read", "checksums failed"]) {
        ($0.keys, $0.clients, $0.operationsEach, $0.segmentsEach) = (150, 4, 200, 4)
        ($0.world.latePerMille, $0.world.lateNanosecondsMax) = (300, 30_000_000)
      }
    }

    @Test func writingWhatWasSaidBeforeIsNoticed() {
      expectCaught(.writeOldSaid, saying: ["holds version", "is not back"])
    }
  }
#endif

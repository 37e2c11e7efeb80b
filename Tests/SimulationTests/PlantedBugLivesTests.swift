#if DEBUG
  import Simulation
  import Testing

  @testable import Store

  /// The simulator detects planted bugs; otherwise a thousand clean lives would prove little.
  @Suite(.serialized) struct PlantedBugLivesTests {
    /// - Parameter words: words of the failure that the bug should cause.
    private func expectCaught(_ bug: String, _ options: LifeOptions, saying words: String = "") async {
      let caught = await Lives.live(0..<1000, options: options).first { $0.failure != nil }
      #expect(caught != nil, "nobody noticed the planted bug: \(bug)")
      if let failure = caught?.failure { #expect(words.isEmpty || failure.contains(words), "\(failure)") }
      if let caught { print("NOTE: \(bug) was noticed at seed \(caught.seed): \(caught.failure!.prefix(300))") }
    }

    @Test func publishingEarlyIsNoticed() async {
      await expectCaught("publishing early", LifeOptions(plantedBug: .publishEarly))
    }

    @Test func reusingPagesUnderAPinIsNoticed() async {
      await expectCaught("reusing pages under a pin", LifeOptions(plantedBug: .reuseUnderPin))
    }

    @Test(.enabled(if: SimulatedWorld.lends, "this system refuses to lend pages"))
    func reusingWhatWasLentIsNoticed() async {
      await expectCaught(
        "reusing what was lent", LifeOptions(isLarge: true, plantedBug: .reuseLent),
        saying: "holds none of the versions")
    }

    @Test func breakingPromisesIsNoticed() async {
      await expectCaught("breaking promises", LifeOptions(plantedBug: .breakPromises))
    }

    @Test func resumingBeforeCompletionIsNoticed() async {
      let options = LifeOptions(resumesBeforeCompletion: true)
      await expectCaught("resuming before completion", options)
      // Two sends wait on one socket here: the world goes on, because the clients have to notice.
      #expect(await Lives.live(4..<5, options: options).count == 1)
    }
  }
#endif

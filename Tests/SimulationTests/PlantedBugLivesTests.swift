#if DEBUG
  import Testing

  @testable import Store

  /// The simulator notices errors that were made on purpose; without that, a thousand lives in order would say little.
  @Suite(.serialized) struct PlantedBugLivesTests {
    private func expectCaught(_ bug: String, _ options: LifeOptions) async {
      let caught = await Lives.live(0..<1000, options: options).first { $0.failure != nil }
      #expect(caught != nil, "nobody noticed the planted bug: \(bug)")
      if let caught { print("NOTE: \(bug) was noticed at seed \(caught.seed): \(caught.failure!.prefix(300))") }
    }

    @Test func publishingEarlyIsNoticed() async {
      await expectCaught("publishing early", LifeOptions(plantedBug: .publishEarly))
    }

    @Test func reusingPagesUnderAPinIsNoticed() async {
      await expectCaught("reusing pages under a pin", LifeOptions(plantedBug: .reuseUnderPin))
    }

    @Test func breakingPromisesIsNoticed() async {
      await expectCaught("breaking promises", LifeOptions(plantedBug: .breakPromises))
    }

    @Test func resumingBeforeCompletionIsNoticed() async {
      await expectCaught("resuming before completion", LifeOptions(resumesBeforeCompletion: true))
    }
  }
#endif

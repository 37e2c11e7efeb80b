import Base
import Foundation
import Synchronization

/// Runs many lives on a few plain threads: a loop belongs to the thread that turns it.
enum Lives {
  private static let threads = 2

  static let aloud = ProcessInfo.processInfo.environment["SIMULATION_TRACE"] == "1"
  static let only = ProcessInfo.processInfo.environment["SIMULATION_SEED"].flatMap { UInt64($0) }

  /// The seeds that the environment asks for, by LONG_TESTS more; SIMULATION_FIRST begins elsewhere than at 0.
  static var seeds: Range<UInt64> {
    if let only { return only..<only + 1 }
    let environment = ProcessInfo.processInfo.environment
    let first = environment["SIMULATION_FIRST"].flatMap { UInt64($0) } ?? 0
    let usual: UInt64 = environment["LONG_TESTS"] == nil ? 300 : 1000
    return first..<first + (environment["SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? usual)
  }

  /// All outcomes by seed; after the first failure only those already begun.
  static func live(_ seeds: Range<UInt64>, options: LifeOptions = LifeOptions()) async -> [Life.Outcome] {
    await withCheckedContinuation { done in
      Base.Thread(name: "lives") { done.resume(returning: liveHere(seeds, options)) }.detach()
    }
  }

  private static func liveHere(_ seeds: Range<UInt64>, _ options: LifeOptions) -> [Life.Outcome] {
    CrashReport.install()
    let shared = Shared(next: seeds.lowerBound)
    let workers = (0..<min(threads, seeds.count)).map { number in
      Base.Thread(name: "life \(number)") {
        while let seed = shared.take(below: seeds.upperBound) {
          CrashReport.enter(seed, thread: number)
          shared.add(Life(seed: seed, options: options).run())
          CrashReport.leave(thread: number)
        }
      }
    }
    for worker in workers { worker.join() }
    return shared.outcomes.withLock { $0.sorted { $0.seed < $1.seed } }
  }

  /// The events of all lives together, and in how many lives they occurred.
  static func census(of outcomes: [Life.Outcome]) -> String {
    let names = Set(outcomes.flatMap { $0.census.keys }).sorted()
    return names.map { name in
      let counts = outcomes.map { $0.census[name] ?? 0 }
      return "\(name): \(counts.reduce(0, +)) in \(counts.count { $0 > 0 })"
    }.joined(separator: "\n")
  }

  private final class Shared: Sendable {
    private let next: Atomic<UInt64>
    private let hasFailed = Atomic<Bool>(false)
    let outcomes = Guarded<[Life.Outcome]>([])

    init(next: UInt64) { self.next = Atomic(next) }

    func take(below end: UInt64) -> UInt64? {
      guard !hasFailed.load(ordering: .relaxed) else { return nil }
      let seed = next.add(1, ordering: .relaxed).oldValue
      return seed < end ? seed : nil
    }

    func add(_ outcome: Life.Outcome) {
      if outcome.failure != nil { hasFailed.store(true, ordering: .relaxed) }
      outcomes.withLock { $0.append(outcome) }
    }
  }
}

extension Life.Outcome: CustomStringConvertible {
  var description: String {
    "seed \(seed): \(failure ?? "fine"). Alone: SIMULATION_SEED=\(seed) SIMULATION_TRACE=1 swift test --filter WholeServerTests"
  }
}

@testable import Bench

/// A store without a network behind a session: it keeps all values, or loses some.
final class StoreOfPrompts {
  private(set) var kept: Set<Int> = []
  private(set) var log: [String] = []
  /// Keys that EXIST promises and GET does not find.
  var lost: Set<Int> = []

  /// Works through all prompts on one connection, `depth` operations at a time.
  func run(_ feed: SessionFeed, prompts count: Int, depth: Int = 1, connection: Int = 0) {
    feed.begin(.count(count), at: 0)
    var now: UInt64 = 0
    while true {
      var batch: [Job] = []
      while batch.count < depth, let job = feed.next(for: connection, at: now) { batch.append(job) }
      if batch.isEmpty { return }
      for job in batch {
        now += 1000
        feed.ended(job, on: connection, wasThere: answer(job), at: now)
      }
    }
  }

  private func answer(_ job: Job) -> Bool {
    log.append("\(job.operation.name) \(job.key)")
    switch job.operation {
    case .put:
      kept.insert(job.key)
      return true
    case .exist: return kept.contains(job.key)
    case .get: return kept.contains(job.key) && !lost.contains(job.key)
    }
  }
}

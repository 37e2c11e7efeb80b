import Foundation

/// The changes of several connections to shared keys in their order, so that a reader can tell whether the value that
/// it got was still valid. Times are counts of events.
final class HammerBook: @unchecked Sendable {
  private struct Change {
    let start: Int
    var end = Int.max
    /// Nil for a DEL.
    let version: Int?
  }

  private let lock = NSLock()
  private var time = 0
  private var versions = 0
  private var changes: [String: [Change]] = [:]
  private var shownCount = 0

  var now: Int {
    lock.withLock {
      time += 1
      return time
    }
  }

  var shown: Int { lock.withLock { shownCount } }

  func newVersion() -> Int {
    lock.withLock {
      versions += 1
      return versions
    }
  }

  /// Runs a SET, or a DEL without a version. Nothing changed if it returns false.
  func change(_ key: String, to version: Int?, _ body: () throws -> Bool) rethrows {
    let index = lock.withLock {
      time += 1
      changes[key, default: []].append(Change(start: time, version: version))
      return changes[key]!.count - 1
    }
    let isDone = try body()
    lock.withLock {
      time += 1
      // Never the last one before anything, and never a valid answer.
      if isDone { changes[key]![index].end = time } else { changes[key]![index] = Change(start: 0, version: -1) }
    }
  }

  /// Why a reader that began then must not see this version; nil if it may.
  func objection(to version: Int, of key: String, readAt start: Int) -> String? {
    lock.withLock {
      shownCount += 1
      let changes = changes[key] ?? []
      guard let shown = changes.first(where: { $0.version == version }) else { return "nobody stored it" }
      let isOver = changes.contains { $0.start > shown.end && $0.end < start }
      return isOver ? "something came after it and was over before the read began" : nil
    }
  }

  func wasRemoved(_ key: String, since time: Int) -> Bool {
    lock.withLock { (changes[key] ?? []).contains { $0.version == nil && $0.end > time } }
  }
}

import Base
import Foundation

/// The changes of keys over several lives of a server, each of which ends at a moment that nobody chose, so that a reader
/// can tell whether the value that it got was still valid. Unlike the hammer's book, it knows that what happened just
/// before a kill may be undone.
final class CrashBook: @unchecked Sendable {
  /// What the server promises to have made durable when it is killed: what was over this long before. The documents say
  /// one second; the second one is for a machine that did not let the server run in time.
  static let windowNanoseconds: UInt64 = 2_000_000_000

  enum End: Equatable {
    /// By SIGKILL at this time or later.
    case killed(at: UInt64)
    case drained
  }

  /// What may be known of a change that was begun.
  enum Outcome {
    case done
    case refused
    /// Whether it was done cannot be known, only that it will not be any more.
    case over
  }

  struct Token {
    fileprivate let key: String?
    fileprivate let index: Int
  }

  private struct Change {
    let life: Int
    let start: UInt64
    /// Nil for a DEL.
    let version: Int?
    var over = UInt64.max
    var isCertain = false
  }

  private let lock = NSLock()
  private let clock: () -> UInt64
  private var versions = 0
  private var changes: [String: [Change]] = [:]
  private var flushes: [Change] = []
  /// How lives ended; the life that lasts comes after them.
  private var ends: [End] = []
  /// The last life behind which bytes on the disk were changed: anything may be missing from then, deletes among it.
  private var lifeRotten = -1
  private var found = 0

  init(clock: @escaping () -> UInt64 = MonotonicClock.now) { self.clock = clock }

  var now: UInt64 { clock() }

  /// How many valid values were found.
  var foundCount: Int { lock.withLock { found } }

  func newVersion() -> Int {
    lock.withLock {
      versions += 1
      return versions
    }
  }

  // MARK: Changes

  /// A PUT or SET, or a DEL without a version, is about to be sent; a FLUSHALL without a key.
  func begin(_ key: String?, to version: Int? = nil) -> Token {
    lock.withLock {
      let change = Change(life: ends.count, start: clock(), version: version)
      guard let key else {
        flushes.append(change)
        return Token(key: nil, index: flushes.count - 1)
      }
      changes[key, default: []].append(change)
      return Token(key: key, index: changes[key]!.count - 1)
    }
  }

  func finish(_ token: Token, _ outcome: Outcome) {
    lock.withLock {
      edit(token) { change in
        change.over = clock()
        if outcome == .done { change.isCertain = true }
        // Never a valid answer, and nothing's successor.
        if outcome == .refused { change = Change(life: change.life, start: 0, version: -1, over: 0) }
      }
    }
  }

  private func edit(_ token: Token, _ body: (inout Change) -> Void) {
    if let key = token.key { body(&changes[key]![token.index]) } else { body(&flushes[token.index]) }
  }

  // MARK: Lives

  /// The server is gone, and so is what it was doing.
  func endLife(_ end: End, thenRot: Bool = false) {
    lock.withLock {
      if thenRot { lifeRotten = ends.count }
      ends.append(end)
      let now = clock()
      for key in changes.keys {
        for index in changes[key]!.indices where changes[key]![index].over == .max { changes[key]![index].over = now }
      }
      for index in flushes.indices where flushes[index].over == .max { flushes[index].over = now }
    }
  }

  // MARK: Questions

  /// Why a reader that began then must not see this version; nil if it may.
  func objection(to version: Int, of key: String, readAt start: UInt64) -> String? {
    lock.withLock {
      let own = changes[key] ?? []
      guard let shown = own.first(where: { $0.version == version }) else { return "nobody stored it" }
      func isSuccessor(_ change: Change, isFlush: Bool) -> Bool {
        change.isCertain && change.start > shown.over && change.over < start && isDurable(change, isFlush: isFlush)
      }
      if let change = own.first(where: { isSuccessor($0, isFlush: false) }) {
        let what = change.version.map { "version \($0)" } ?? "a DEL"
        return "\(what) came after it and was over before, in life \(change.life) of \(ends.count)"
      }
      if let flush = flushes.first(where: { isSuccessor($0, isFlush: true) }) {
        return "a FLUSHALL came after it and was over before, in life \(flush.life) of \(ends.count)"
      }
      found += 1
      return nil
    }
  }

  /// Whether the change still counts in the present life.
  private func isDurable(_ change: Change, isFlush: Bool) -> Bool {
    guard change.life < ends.count else { return true }
    guard change.life > lifeRotten else { return false }
    switch ends[change.life] {
    case .drained: return true
    case .killed(let moment): return isFlush || change.over + Self.windowNanoseconds < moment
    }
  }

  /// Whether a promise that was given after `time` may have ended: the key was removed, or bytes on the disk were changed.
  func mayBeGone(_ key: String, since time: UInt64) -> Bool {
    lock.withLock {
      lifeRotten >= 0 || (flushes + (changes[key] ?? [])).contains { $0.version == nil && $0.over > time }
    }
  }
}

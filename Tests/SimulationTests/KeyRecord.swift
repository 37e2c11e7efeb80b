import Base
import Glibc
import Wire

/// A key of a life: every version ever sent for it, and what is known of the server's version.
///
/// Only one client writes it, so versions become visible in order.
final class KeyRecord {
  struct Version {
    var length: Int
    /// Nil: a value without meta.
    var meta: ObjectMeta?
    /// When its last byte was handed to the kernel, in ticks of the life.
    var completedAt: Int?

    func hasShape(of other: Version) -> Bool { length == other.length && meta == other.meta }
  }

  /// The promise of an EXIST that no fetch has settled.
  struct Promise {
    var until: UInt64
    /// Asking alone does not extend it for ever.
    var firstAskedAt: UInt64
  }

  let number: Int
  let name: [UInt8]
  /// Version n is at n - 1.
  private(set) var versions: [Version] = []
  /// This version or a later one is visible unless it was lost. 0: none is known to be visible.
  private(set) var publishedVersion = 0
  /// The server has passed this version: it was stored or dropped.
  private(set) var settledVersion = 0
  var promise: Promise?
  /// A GET of any client settles a promise, since all have one host: the promise is certain while no GET is under way.
  private(set) var getsSent = 0
  private var getsAnswered = 0
  /// The earliest start of asks that may have no fetch yet, and how many they are at most.
  private(set) var firstAskedAt: UInt64?
  var asksUnfetched: Int { asksSent - asksSettled }
  private var asksSent = 0
  private(set) var asksAnswered = 0
  private var asksSettled = 0
  private var wasAskedFor = false

  var isRecoveryCheck: Bool { name.starts(with: "test@1@0@0@".utf8) }

  init(number: Int, name: [UInt8]) {
    self.number = number
    self.name = name
  }

  /// Versions with and without meta were sent: a client of one kind does not see the other.
  var isMixed: Bool { versions.contains { ($0.meta == nil) != (versions[0].meta == nil) } }

  func begin(_ version: Version) -> Int {
    versions.append(version)
    return versions.count
  }

  func complete(_ version: Int, at tick: Int?) { versions[version - 1].completedAt = tick }

  func isSettled(_ version: Int) { settledVersion = max(settledVersion, version) }

  func isAsked(at time: UInt64) {
    wasAskedFor = true
    asksSent += 1
    firstAskedAt = min(firstAskedAt ?? time, time)
  }

  func isFetched() {
    getsSent += 1
    promise = nil
  }

  func wasAsked() { asksAnswered += 1 }

  /// The reply to a GET that was sent at this time, after so many asks had been answered.
  func wasFetched(at time: UInt64, behind asks: Int, hit: Bool) {
    getsAnswered += 1
    guard hit else { return }
    asksSettled = max(asksSettled, asks)
    if firstAskedAt != nil { firstAskedAt = time }
  }

  /// Nil while the reply to a GET is outstanding.
  var getsSettled: Int? { getsAnswered == getsSent ? getsSent : nil }

  /// Whether a reader may still see `version` once the server has passed `settled`: a dropped overwrite of another
  /// shape removes the old value, unless that is promised.
  func maySurvive(_ version: Int, settled: Int) -> Bool {
    settled == 0 || version >= settled || wasAskedFor || versions[version - 1].hasShape(of: versions[settled - 1])
  }

  func isPublished(_ version: Int) { publishedVersion = max(publishedVersion, version) }

  /// EXIST said yes behind a PUT of this version: either it is stored, or it was dropped and an earlier one of the same
  /// shape is stored.
  func existsBehind(_ version: Int) {
    let last = versions[version - 1]
    for earlier in max(publishedVersion, 1)...max(version, publishedVersion)
    where versions[earlier - 1].completedAt != nil && versions[earlier - 1].hasShape(of: last) {
      return isPublished(earlier)
    }
  }

  /// Whether the version could be visible at the tick and has this header.
  func isPossible(_ version: Int, length: Int, meta: ObjectMeta?, generation: LMGeneration, tick: Int) -> Bool {
    let candidate = versions[version - 1]
    guard let completed = candidate.completedAt, completed <= tick, candidate.length == length else { return false }
    return meta == candidate.seenMeta(by: generation)
  }

  func holds(_ bytes: UnsafeRawPointer, version: Int) -> Bool {
    let length = versions[version - 1].length
    return length == 0 || memcmp(bytes, Noise.of(key: number, version: version), length) == 0
  }
}

extension KeyRecord.Version {
  /// The meta in a reply; only one generation has locations.
  fileprivate func seenMeta(by generation: LMGeneration) -> ObjectMeta? {
    guard var seen = meta, generation.carriesMeta else { return nil }
    if generation == .eightInts { seen.location = 0 }
    return seen
  }
}

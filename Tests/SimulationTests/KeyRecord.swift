import Base
import Glibc
import Wire

/// A key of a life: every version that was ever sent for it, and what is known of which of them the server has.
///
/// One client alone writes it, so that versions become visible in order.
final class KeyRecord {
  struct Version {
    var length: Int
    /// Nil: a value without meta.
    var meta: ObjectMeta?
    /// When its last byte was handed to the kernel, in ticks of the life.
    var completedAt: Int?

    func hasShape(of other: Version) -> Bool { length == other.length && meta == other.meta }
  }

  /// What an EXIST was promised.
  struct Promise {
    var until: UInt64
    /// How many values dropped overwrites had taken away then: only those may break it.
    var staleRemoved: UInt64
  }

  let number: Int
  let name: [UInt8]
  /// Version n is at n - 1.
  private(set) var versions: [Version] = []
  /// This version or a later one is visible unless it was lost. 0: none is known to be.
  private(set) var publishedVersion = 0
  /// The server has come past this version: it was kept, or dropped.
  private(set) var settledVersion = 0
  var promise: Promise?

  init(number: Int, name: [UInt8]) {
    self.number = number
    self.name = name
  }

  /// Values of both kinds were sent: what one kind of client sees, the other does not.
  var isMixed: Bool { versions.contains { ($0.meta == nil) != (versions[0].meta == nil) } }

  func begin(_ version: Version) -> Int {
    versions.append(version)
    return versions.count
  }

  func complete(_ version: Int, at tick: Int?) { versions[version - 1].completedAt = tick }

  func isSettled(_ version: Int) { settledVersion = max(settledVersion, version) }

  /// Whether a reader may still see `version` once the server has come past `settled`: a dropped overwrite
  /// of another shape takes the old value away.
  func maySurvive(_ version: Int, settled: Int) -> Bool {
    settled == 0 || version >= settled || versions[version - 1].hasShape(of: versions[settled - 1])
  }

  func isPublished(_ version: Int) { publishedVersion = max(publishedVersion, version) }

  /// EXIST said yes behind a PUT of this version: either it is there, or it was dropped and an earlier one
  /// of the same shape is.
  func existsBehind(_ version: Int) {
    let last = versions[version - 1]
    for earlier in max(publishedVersion, 1)...max(version, publishedVersion)
    where versions[earlier - 1].completedAt != nil && versions[earlier - 1].hasShape(of: last) {
      return isPublished(earlier)
    }
  }

  /// The latest version that could be seen at the tick and has this head.
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
  /// What a client is told; only one generation knows of locations.
  fileprivate func seenMeta(by generation: LMGeneration) -> ObjectMeta? {
    guard var seen = meta, generation.carriesMeta else { return nil }
    if generation == .eightInts { seen.location = 0 }
    return seen
  }
}

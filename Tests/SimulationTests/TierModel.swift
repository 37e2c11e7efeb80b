import Base

/// What was ever stored under a key, and what of it may be there.
final class TierKey {
  enum Kind: CaseIterable {
    /// A plain value, by its name.
    case plain
    /// A chunk of `lm`, with its numbers.
    case chunk
    /// A pair of `redis://`: bytes, and metadata under a name of its own.
    case pair
  }

  struct Version {
    var length: Int
    var meta: ObjectMeta?
    /// Of a pair that has both.
    var metadata: [UInt8]?
    /// In nanoseconds of the life; 0 is never.
    var deadline: UInt64 = 0
    /// When something else took its place, or nothing.
    var endedAt: UInt64?
    /// A flush that was answered has emptied the devices since.
    var isFlushed = false
    /// Which bytes: those of the version that was stored.
    var noise: Int
  }

  let number: Int
  let kind: Kind
  var versions: [Version] = []
  /// Those of which one may be there, by their numbers. None may be, always.
  var candidates: [Int] = []
  /// A look-up was answered yes: it is there until then, in nanoseconds of the life.
  var promisedThrough: UInt64 = 0
  /// The device that had it, with all that was said of it, when the process ended.
  var mustBeBackFrom: Int?

  init(number: Int, kind: Kind) { (self.number, self.kind) = (number, kind) }

  /// Chunks are those of two ranks, which go together.
  var name: [UInt8] {
    let chunk = number / Kind.allCases.count
    return Array((kind == .chunk ? "model@2@\(chunk % 2)@\(chunk / 2)@half" : "model@1@0@\(number)@\(kind)").utf8)
  }
  var bytesName: [UInt8] { kind == .pair ? name + Array(":kv_bytes".utf8) : name }
  var metadataName: [UInt8] { name + Array(":metadata".utf8) }

  // MARK: What clients do

  func end(at now: UInt64) {
    for candidate in candidates where versions[candidate].endedAt == nil { versions[candidate].endedAt = now }
    candidates.removeAll()
    promisedThrough = 0
  }

  func store(_ version: Version, at now: UInt64) {
    end(at: now)
    versions.append(version)
    candidates = [versions.count - 1]
  }

  /// All that may be there gets a deadline: each is another version from here on.
  func expire(at deadline: UInt64, now: UInt64) {
    let before = candidates.map { versions[$0] }
    end(at: now)
    for var version in before {
      (version.deadline, version.endedAt) = (deadline, nil)
      versions.append(version)
      candidates.append(versions.count - 1)
    }
  }

  /// One of them was seen: the others are not there.
  func see(_ candidate: Int, at now: UInt64) {
    for other in candidates where other != candidate && versions[other].endedAt == nil {
      versions[other].endedAt = now
    }
    candidates = [candidate]
    versions[candidate].endedAt = nil
  }

  // MARK: Ends

  /// What may be there when another process begins. Nil: whatever was ever stored.
  func beginAgain(endedAt end: UInt64, window: UInt64?) {
    promisedThrough = 0
    for number in versions.indices where !versions[number].isFlushed && !candidates.contains(number) {
      let ended = versions[number].endedAt ?? end
      if window.map({ end - ended < $0 }) ?? true { candidates.append(number) }
    }
  }

  /// Nothing of what has ended comes back.
  func flush(upTo count: Int) {
    for number in 0..<min(count, versions.count) where versions[number].endedAt != nil {
      versions[number].isFlushed = true
    }
  }
}

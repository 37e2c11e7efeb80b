import Base
import CXxhash

/// Whose a chunk is, by places in the tables of `UsageBooks`.
struct UsageMarks: Equatable {
  /// Who stored it.
  var client: UInt8 = 0
  var model: UInt8 = 0
  var tag: UInt8 = 0
}

/// The names in a key; valid while the key is.
struct UsageNames {
  let model: UsageName
  let tag: UsageName

  init(_ key: UnsafeRawBufferPointer, seed: UInt64) {
    // The key of a recovery check names no model, though it reads like one: all engines would share it.
    guard !key.isOfRecoveryCheck, let chunk = ChunkKey(key) else {
      (model, tag) = (.none, .none)
      return
    }
    model = UsageName(UnsafeRawBufferPointer(rebasing: key[chunk.model]), seed: seed)
    tag = UsageName(chunk.firstTag(of: key).map { UnsafeRawBufferPointer(rebasing: key[$0]) }, seed: seed)
  }
}

/// A name by which something is counted, with its hash.
struct UsageName {
  /// A chunk that names none, and a client whose address is not known.
  static var none: UsageName { UsageName(text: UnsafeRawBufferPointer(start: nil, count: 0), hash: 0) }

  let text: UnsafeRawBufferPointer
  let hash: UInt64

  var isNone: Bool { text.isEmpty }

  private init(text: UnsafeRawBufferPointer, hash: UInt64) { (self.text, self.hash) = (text, hash) }

  init(_ text: UnsafeRawBufferPointer?, seed: UInt64) {
    guard let text, !text.isEmpty else {
      self = .none
      return
    }
    self.init(text: text, hash: lm_hash64(text.baseAddress, text.count, seed))
  }

  /// Whether a label can show it as it is, and no two names look the same there.
  var isPresentable: Bool {
    guard text.count <= Limits.usageNameBytesMax else { return false }
    var index = 0
    while index < text.count {
      guard (0x21...0x7E).contains(text[index]) else { return false }
      index += 1
    }
    // A tag's key is what stands before its value.
    return !Self.reserved.contains { reserved in
      let end = reserved.utf8CodeUnitCount
      return text.hasPrefix(reserved) && (text.count == end || text[end] == UInt8(ascii: "%"))
    }
  }

  /// What the rows are called that have no name of a client's.
  static let noneLabel: StaticString = "none"
  static let othersLabel: StaticString = "other"
  private static let reserved = [noneLabel, othersLabel]
}

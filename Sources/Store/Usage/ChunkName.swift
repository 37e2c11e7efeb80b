import Base
import CXxhash
import Glibc

/// Whose a chunk is, by places in the tables of `UsageBooks`.
struct UsageMarks: Equatable {
  /// Who stored it.
  var client: UInt8 = 0
  var model: UInt8 = 0
  var tag: UInt8 = 0
}

/// What a key of LMCache names besides its chunk: the model, and the first of its tags (`name%value`). Fields stand between signs
/// of @; the model is the one before the number of ranks, which is the second field or the third.
struct ChunkName {
  private(set) var model: UnsafeRawBufferPointer?
  private(set) var tag: UnsafeRawBufferPointer?

  init(_ key: UnsafeRawBufferPointer) {
    guard let first = RankField.field(of: key, from: 0),
      let second = RankField.field(of: key, from: first.upperBound + 1)
    else { return }
    if Self.isWorld(key, second) {
      read(key, model: first)
    } else if let third = RankField.field(of: key, from: second.upperBound + 1), Self.isWorld(key, third) {
      read(key, model: second)
    }
  }

  private mutating func read(_ key: UnsafeRawBufferPointer, model range: Range<Int>) {
    if !range.isEmpty { model = UnsafeRawBufferPointer(rebasing: key[range]) }
    let rest = range.upperBound
    guard rest < key.count, let sign = memchr(key.baseAddress! + rest, 0x25, key.count - rest) else { return }
    let percent = key.baseAddress!.distance(to: UnsafeRawPointer(sign))
    guard let before = memrchr(key.baseAddress! + rest, 0x40, percent - rest) else { return }
    let start = key.baseAddress!.distance(to: UnsafeRawPointer(before)) + 1
    guard let field = RankField.field(of: key, from: start) else { return }
    tag = UnsafeRawBufferPointer(rebasing: key[field])
  }

  /// A decimal number, or eight hexadecimal digits.
  private static func isWorld(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    RankField.number(key, field, base: 10) != nil
      || field.count == 8 && RankField.number(key, field, base: 16) != nil
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

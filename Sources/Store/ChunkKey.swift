import Glibc

/// What a key of LMCache says of its chunk: of which model it is, and with which tags it was stored. Its fields stand between signs of
/// @: `[fmt@]model@world@rank@hash...` and, in tags, `name%value`; in `[prefix@]model@wwrrrrrr@...` eight hexadecimal
/// digits are world and rank.
package struct ChunkKey {
  package let model: Range<Int>
  /// Where the fields behind the rank begin; tags are among them.
  private let rest: Int

  /// Nil for a key that is none of LMCache's.
  package init?(_ key: UnsafeRawBufferPointer) {
    guard let first = Self.field(of: key, from: 0), let second = Self.field(of: key, from: first.upperBound + 1),
      let third = Self.field(of: key, from: second.upperBound + 1)
    else { return nil }
    let fourth = Self.field(of: key, from: third.upperBound + 1)
    if Self.isDecimal(key, second), Self.isDecimal(key, third), fourth != nil {
      (model, rest) = (first, third.upperBound)
    } else if let fourth, Self.isDecimal(key, third), Self.isDecimal(key, fourth), fourth.upperBound < key.count {
      (model, rest) = (second, fourth.upperBound)
    } else if Self.isPackedRank(key, second) {
      (model, rest) = (first, second.upperBound)
    } else if fourth != nil, Self.isPackedRank(key, third) {
      (model, rest) = (second, third.upperBound)
    } else {
      return nil
    }
  }

  package static func isOf(model: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer) -> Bool {
    guard let fields = ChunkKey(key) else { return false }
    return isEqual(key, fields.model, model)
  }

  /// - Parameter tag: `name%value`, as it stands in the key.
  package static func hasTag(_ tag: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer) -> Bool {
    guard let fields = ChunkKey(key) else { return false }
    var last: Range<Int>?
    while let field = fields.next(of: key, behind: last) {
      if isEqual(key, field, tag) { return true }
      last = field
    }
    return false
  }

  /// The fields behind the rank, one after the other; tags are among them. Nil behind the last.
  func next(of key: UnsafeRawBufferPointer, behind last: Range<Int>?) -> Range<Int>? {
    Self.field(of: key, from: (last?.upperBound ?? rest) + 1)
  }

  /// The first of the fields behind the rank that is a tag; nil where there is none. Most keys have none, which one look at
  /// all that is left tells.
  func firstTag(of key: UnsafeRawBufferPointer) -> Range<Int>? {
    guard rest < key.count, let sign = memchr(key.baseAddress! + rest, 0x25, key.count - rest) else { return nil }
    let percent = key.baseAddress!.distance(to: UnsafeRawPointer(sign))
    guard let before = memrchr(key.baseAddress! + rest, 0x40, percent - rest) else { return nil }
    return Self.field(of: key, from: key.baseAddress!.distance(to: UnsafeRawPointer(before)) + 1)
  }

  // MARK: Fields

  private static func field(of key: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    RankField.field(of: key, from: start)
  }

  private static func isEqual(
    _ key: UnsafeRawBufferPointer, _ field: Range<Int>, _ other: UnsafeRawBufferPointer
  ) -> Bool {
    field.count == other.count && !field.isEmpty
      && memcmp(key.baseAddress! + field.lowerBound, other.baseAddress!, field.count) == 0
  }

  private static func isDecimal(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    RankField.number(key, field, base: 10) != nil
  }

  private static func isPackedRank(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    field.count == 8 && RankField.number(key, field, base: 16) != nil
  }
}

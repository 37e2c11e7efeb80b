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

  // MARK: Fields

  /// The field that begins there: up to an @, or the key's end. Nil where there is none.
  private static func field(of key: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    guard start < key.count else { return nil }
    guard let end = memchr(key.baseAddress! + start, 0x40, key.count - start) else { return start..<key.count }
    return start..<key.baseAddress!.distance(to: UnsafeRawPointer(end))
  }

  private static func isEqual(
    _ key: UnsafeRawBufferPointer, _ field: Range<Int>, _ other: UnsafeRawBufferPointer
  ) -> Bool {
    field.count == other.count && !field.isEmpty
      && memcmp(key.baseAddress! + field.lowerBound, other.baseAddress!, field.count) == 0
  }

  private static func isDecimal(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    (1...8).contains(field.count) && field.allSatisfy { (0x30...0x39).contains(key[$0]) }
  }

  private static func isPackedRank(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    field.count == 8 && field.allSatisfy { (0x30...0x39).contains(key[$0]) || (0x61...0x66).contains(key[$0]) }
  }
}

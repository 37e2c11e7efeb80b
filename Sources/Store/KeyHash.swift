import Base
import CXxhash
import Glibc
import Policy

/// The hash of a key, in which sister chunks meet: what the ranks of one prompt keep of the same tokens lies under keys
/// that differ in the rank alone, and such keys share every bit but eight. So they share a stripe, its lock, and their
/// place in its table, and one walk of a few slots finds them all.
///
/// Bits 0-23 place an entry in its stripe's table, bits 24-31 tell sisters apart there, bits 58-63 choose the stripe.
enum KeyHash {
  static let placeMask: UInt32 = 0x00FF_FFFF
  private static let sisterShift: UInt64 = 24
  private static let sisterMask: UInt64 = 0xFF << sisterShift
  /// Set where the key names a rank of several.
  private static let rankedBit: UInt64 = 1 << 40

  static func hash(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    guard let field = RankField(in: key) else { return lm_hash64(key.baseAddress, key.count, seed) & ~rankedBit }
    let before = lm_hash64(key.baseAddress, field.range.lowerBound, seed)
    let behind = key.count - field.range.upperBound
    let whole = lm_hash64(key.baseAddress! + field.range.upperBound, behind, before)
    return whole & ~sisterMask | UInt64(field.rank & 0xFF) << sisterShift | rankedBit
  }

  static func isRanked(_ hash: UInt64) -> Bool { hash & rankedBit != 0 }

  /// Of the ranks that share a prompt's chunk, one: so that it is counted once.
  static func isOfFirstRank(_ hash: UInt64) -> Bool { !isRanked(hash) || hash & sisterMask == 0 }

  static let rankBits = RankBits(mask: sisterMask, flag: rankedBit)

  static func areSisters(_ one: UInt64, _ other: UInt64) -> Bool { (one ^ other) & ~sisterMask == 0 }
}

/// Where a key of LMCache names its rank, if it names one of several: `[fmt@]model@world@rank@hash...`, and
/// `[prefix@]model@wwrrrrrr@...` in eight hexadecimal digits, of which the first two are the number of ranks.
struct RankField {
  let range: Range<Int>
  let rank: Int

  init?(in key: UnsafeRawBufferPointer) {
    guard let first = Self.field(of: key, from: 0), let second = Self.field(of: key, from: first.upperBound + 1),
      let third = Self.field(of: key, from: second.upperBound + 1)
    else { return nil }
    if let packed = Self(packed: second, of: key) ?? Self(decimal: third, ofWorld: second, of: key) {
      self = packed
      return
    }
    guard let fourth = Self.field(of: key, from: third.upperBound + 1),
      let field = Self(packed: third, of: key) ?? Self(decimal: fourth, ofWorld: third, of: key)
    else { return nil }
    self = field
  }

  private init?(decimal: Range<Int>, ofWorld world: Range<Int>, of key: UnsafeRawBufferPointer) {
    guard let count = Self.number(key, world, base: 10), let rank = Self.number(key, decimal, base: 10), rank < count,
      (2...Limits.sistersMax).contains(count), Self.isCanonical(key, world), Self.isCanonical(key, decimal)
    else { return nil }
    (range, self.rank) = (decimal, rank)
  }

  private init?(packed: Range<Int>, of key: UnsafeRawBufferPointer) {
    guard packed.count == 8, let value = Self.number(key, packed, base: 16), value >> 24 > 1 else { return nil }
    range = packed.lowerBound + 2..<packed.upperBound
    // Which of the bits count the ranks differs between versions; all of them together tell the ranks apart.
    rank = (value ^ value >> 8 ^ value >> 16) & 0xFF
  }

  /// The field that begins there: up to an @, or the key's end.
  static func field(of key: UnsafeRawBufferPointer, from start: Int) -> Range<Int>? {
    guard start < key.count else { return nil }
    guard let end = memchr(key.baseAddress! + start, 0x40, key.count - start) else { return start..<key.count }
    return start..<key.baseAddress!.distance(to: UnsafeRawPointer(end))
  }

  /// As a number is printed: 7 and 07 would be one rank.
  private static func isCanonical(_ key: UnsafeRawBufferPointer, _ field: Range<Int>) -> Bool {
    field.count == 1 || key[field.lowerBound] != 0x30
  }

  static func number(_ key: UnsafeRawBufferPointer, _ field: Range<Int>, base: Int) -> Int? {
    guard (1...8).contains(field.count) else { return nil }
    var value = 0
    for index in field {
      let digit: Int
      switch key[index] {
      case 0x30...0x39: digit = Int(key[index]) - 0x30
      case 0x61...0x66 where base == 16: digit = Int(key[index]) - 0x61 + 10
      default: return nil
      }
      value = value * base + digit
    }
    return value
  }
}

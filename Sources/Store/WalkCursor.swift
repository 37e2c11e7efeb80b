import Base

/// How far a walk over all entries has come: a stripe, and in it the homes counted from their highest bit down. A table that doubles
/// splits each home in two; in this order both halves of a home that was seen lie behind the cursor, and both halves of
/// one that was not lie ahead. Tables never shrink.
struct WalkCursor: Equatable, Sendable {
  private(set) var stripe: Int
  private var position: UInt32

  /// Nil for a number that no walk has given out.
  init?(_ number: UInt64) {
    guard number >> 32 < UInt64(Limits.indexStripes) else { return nil }
    stripe = Int(number >> 32)
    position = UInt32(truncatingIfNeeded: number)
  }

  /// 0 is the beginning, and the end.
  var number: UInt64 { stripe == Limits.indexStripes ? 0 : UInt64(stripe) << 32 | UInt64(position) }
  var isAtEnd: Bool { stripe == Limits.indexStripes }

  func home(capacity: Int) -> Int { Int(position) & (capacity - 1) }

  mutating func advance(capacity: Int) {
    // Counting up from the high end: the bits above the table's size are all ones, so that the carry passes them.
    let next = (position | ~UInt32(truncatingIfNeeded: capacity - 1)).bitsReversed &+ 1
    position = next.bitsReversed
    if position == 0 { stripe += 1 }
  }
}

extension UInt32 {
  fileprivate var bitsReversed: UInt32 {
    var bits = byteSwapped
    bits = (bits & 0x0F0F_0F0F) << 4 | (bits >> 4) & 0x0F0F_0F0F
    bits = (bits & 0x3333_3333) << 2 | (bits >> 2) & 0x3333_3333
    return (bits & 0x5555_5555) << 1 | (bits >> 1) & 0x5555_5555
  }
}

import Base

/// An address that has places for handshakes, or waits for some.
final class HandshakeHolder {
  var held = 0
  /// The longest waiting first.
  var line = WaitingLine<HandshakePlace>()
  /// Among the addresses that wait.
  private(set) lazy var byHeld = WaitingLine<HandshakeHolder>.Link(self)
  private(set) lazy var byWaiting = WaitingLine<HandshakeHolder>.Link(self)
}

/// Addresses by how many they have of something: who has the fewest and who has the most is found without a look at the
/// others.
struct HolderRanks {
  /// By that number; of those with the same number, the one that has had it longest comes first.
  private var ranks: [WaitingLine<HandshakeHolder>]
  /// No holder is below the one or above the other.
  private var (lowest, highest) = (0, 0)
  /// How many ranks were looked at, of which tests know how many there may be.
  private(set) var looks = 0

  init(upTo most: Int) { ranks = Array(repeating: WaitingLine(), count: most + 1) }

  mutating func add(_ link: WaitingLine<HandshakeHolder>.Link, at rank: Int) {
    ranks[rank].append(link)
    (lowest, highest) = (min(lowest, rank), max(highest, rank))
  }

  mutating func remove(_ link: WaitingLine<HandshakeHolder>.Link, at rank: Int) { ranks[rank].remove(link) }

  mutating func withFewest() -> HandshakeHolder? {
    looks += 1
    while lowest < highest, ranks[lowest].count == 0 { (lowest, looks) = (lowest + 1, looks + 1) }
    return ranks[lowest].first
  }

  mutating func withMost() -> HandshakeHolder? {
    looks += 1
    while lowest < highest, ranks[highest].count == 0 { (highest, looks) = (highest - 1, looks + 1) }
    return ranks[highest].first
  }
}

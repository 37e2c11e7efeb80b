import Base
import Synchronization

/// A client that looks chunks up. Its identity is a hint and no more: who asks on one connection fetches on others, and behind
/// a gateway all clients have one address. A wrong match costs a little room, or a miss that is counted.
package struct Asker: Sendable {
  /// The client (its user, else its host): one bit of sixteen.
  let bit: UInt16
  /// The connection.
  let account: UInt16
  /// Where its requests come in order: its connection, or all connections of its host.
  let stream: UInt16
  /// Where it is counted.
  let client: UInt8

  /// - Parameters:
  ///   - identity: the same for all connections of one client, as far as that can be known.
  ///   - connection: counts connections.
  ///   - fansOut: the client sends what belongs together over several connections.
  package init(identity: UInt64, connection: Int, fansOut: Bool = false, client: ClientPlace = .none) {
    // The high bits of a product depend on all bits of the factor.
    bit = 1 << UInt16((identity &* 0x9E37_79B9_7F4A_7C15) >> 60)
    account = UInt16(connection % AskerAccounts.count)
    self.client = client.number
    stream = fansOut ? UInt16(AskerAccounts.count) + UInt16(identity % UInt64(Self.hosts)) : account
  }

  /// Of those that send over many connections so many are told apart, by their identities.
  private static let hosts = 64
  static let streams = AskerAccounts.count + hosts

  /// Where connections are not told apart.
  package static let unknown = Asker(identity: 0, connection: 0)
}

/// How much of what a connection asks for is fetched, by any client. A scanner, or an engine that has all it asks for in its own
/// memory, asks for a good part of the store and fetches nothing: it is told the truth, and holds nothing.
///
/// Asks count once they are old enough to have been followed by a fetch, and by the room that they hold. Written from all
/// loops without a lock: an addition that is lost changes a ratio by a hair.
struct AskerAccounts: ~Copyable, @unchecked Sendable {
  static let count = 1024
  /// No connection.
  static let none = UInt16.max
  /// A connection came and fetched.
  static let fetched = UInt16.max - 1
  /// Asks for less than this share of the room prove nothing, and cost little.
  static let provingShare = 16
  /// A connection of whose asks less than one part in so many is fetched is idle.
  static let idleRatio = 16
  private static let pardonRatio: UInt32 = 128
  private static let unitBytes = Limits.unitBytes

  /// What is counted of a connection, in units.
  private enum Part: Int, CaseIterable {
    case recent, earlier, ripe, fetched
  }

  private let numbers: UnsafeMutablePointer<Atomic<UInt32>>
  private let proving: Atomic<UInt32>

  init(budgetBytes: Int) {
    proving = Atomic(Self.proving(budgetBytes))
    numbers = .allocate(capacity: Self.count * Part.allCases.count)
    for index in 0..<Self.count * Part.allCases.count { (numbers + index).initialize(to: Atomic(0)) }
  }

  deinit {
    numbers.deinitialize(count: Self.count * Part.allCases.count)
    numbers.deallocate()
  }

  static var bytes: Int { count * Part.allCases.count * MemoryLayout<Atomic<UInt32>>.stride }

  private subscript(account: Int, part: Part) -> UInt32 {
    get { numbers[account * 4 + part.rawValue].load(ordering: .relaxed) }
    nonmutating set { numbers[account * 4 + part.rawValue].store(newValue, ordering: .relaxed) }
  }

  func resize(budgetBytes: Int) { proving.store(Self.proving(budgetBytes), ordering: .relaxed) }

  private static func proving(_ budgetBytes: Int) -> UInt32 {
    UInt32(clamping: budgetBytes / provingShare / unitBytes)
  }

  /// A series of asks began.
  func asked(_ account: UInt16, bytes: Int) { self[Int(account), .recent] &+= Self.units(bytes) }

  /// It ended with a fetch.
  func fetched(_ account: UInt16, bytes: Int) {
    if account < UInt16(Self.count) { self[Int(account), .fetched] &+= Self.units(bytes) }
  }

  private static func units(_ bytes: Int) -> UInt32 { UInt32(max(1, bytes / unitBytes)) }

  func isIdle(_ account: UInt16) -> Bool {
    let ripe = self[Int(account), .ripe]
    guard ripe >= proving.load(ordering: .relaxed) else { return false }
    return self[Int(account), .fetched] < ripe / UInt32(Self.idleRatio)
  }

  /// A new connection has no past.
  func open(_ account: UInt16) { for part in Part.allCases { self[Int(account), part] = 0 } }

  /// Once every time that a promise lasts: what was asked before the last call is ripe, and what is older counts half.
  func ripen() {
    for account in 0..<Self.count {
      let (recent, earlier) = (self[account, .recent], self[account, .earlier])
      guard recent > 0 || earlier > 0 else {
        // An idle one is believed again after half an hour or so, or it would have to reconnect.
        let ripe = self[account, .ripe]
        if ripe > 0 { self[account, .ripe] = ripe - max(1, ripe / Self.pardonRatio) }
        continue
      }
      self[account, .ripe] = self[account, .ripe] / 2 &+ earlier
      self[account, .fetched] /= 2
      self[account, .earlier] = recent
      self[account, .recent] = 0
    }
  }
}

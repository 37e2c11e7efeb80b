import Base
import Synchronization

/// A client that looks chunks up. Its identity is a hint and no more: who asks on one connection fetches on others, and behind
/// a gateway all clients have one address. A wrong match costs a little room, or a miss that is counted.
package struct Asker: Sendable {
  /// The client (its user, else its host): one bit of sixteen.
  let bit: UInt16
  /// The connection.
  let account: UInt16

  /// - Parameters:
  ///   - identity: the same for all connections of one client, as far as that can be known.
  ///   - connection: counts connections.
  package init(identity: UInt64, connection: Int) {
    // The high bits of a product depend on all bits of the factor.
    bit = 1 << UInt16((identity &* 0x9E37_79B9_7F4A_7C15) >> 60)
    account = UInt16(connection % AskerAccounts.count)
  }

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
  /// Asks for less than this share of the room prove nothing, and cost little.
  static let provingShare = 16
  /// A connection of whose asks less than one part in so many is fetched is idle.
  static let idleRatio = 16
  private static let unitBytes = Limits.unitBytes

  private struct Account: ~Copyable {
    let recent = Atomic<UInt32>(0)
    let earlier = Atomic<UInt32>(0)
    let ripe = Atomic<UInt32>(0)
    let fetched = Atomic<UInt32>(0)
  }

  /// In units, as all numbers here.
  private let accounts: UnsafeMutablePointer<Account>
  private let proving: Atomic<UInt32>

  init(budgetBytes: Int) {
    proving = Atomic(Self.proving(budgetBytes))
    accounts = .allocate(capacity: Self.count)
    for index in 0..<Self.count { (accounts + index).initialize(to: Account()) }
  }

  deinit {
    accounts.deinitialize(count: Self.count)
    accounts.deallocate()
  }

  static var bytes: Int { count * MemoryLayout<Account>.stride }

  func resize(budgetBytes: Int) { proving.store(Self.proving(budgetBytes), ordering: .relaxed) }

  private static func proving(_ budgetBytes: Int) -> UInt32 {
    UInt32(clamping: budgetBytes / provingShare / unitBytes)
  }

  /// A series of asks began.
  func asked(_ account: UInt16, bytes: Int) { Self.add(bytes, to: accounts[Int(account)].recent) }

  /// It ended with a fetch.
  func fetched(_ account: UInt16, bytes: Int) {
    guard account != Self.none else { return }
    Self.add(bytes, to: accounts[Int(account)].fetched)
  }

  func isIdle(_ account: UInt16) -> Bool {
    let ripe = accounts[Int(account)].ripe.load(ordering: .relaxed)
    guard ripe >= proving.load(ordering: .relaxed) else { return false }
    return accounts[Int(account)].fetched.load(ordering: .relaxed) < ripe / UInt32(Self.idleRatio)
  }

  /// A new connection has no past.
  func open(_ account: UInt16) {
    let account = UnsafePointer(accounts + Int(account))
    account.pointee.recent.store(0, ordering: .relaxed)
    account.pointee.earlier.store(0, ordering: .relaxed)
    account.pointee.ripe.store(0, ordering: .relaxed)
    account.pointee.fetched.store(0, ordering: .relaxed)
  }

  /// Once every time that a promise lasts: what was asked before the last call is ripe, and what is older counts half. One
  /// that asks nothing keeps its record.
  func ripen() {
    for index in 0..<Self.count {
      let account = UnsafePointer(accounts + index)
      let recent = account.pointee.recent.load(ordering: .relaxed)
      let earlier = account.pointee.earlier.load(ordering: .relaxed)
      guard recent > 0 || earlier > 0 else { continue }
      account.pointee.ripe.store(account.pointee.ripe.load(ordering: .relaxed) / 2 &+ earlier, ordering: .relaxed)
      account.pointee.fetched.store(
        account.pointee.fetched.load(ordering: .relaxed) / 2, ordering: .relaxed)
      account.pointee.earlier.store(recent, ordering: .relaxed)
      account.pointee.recent.store(0, ordering: .relaxed)
    }
  }

  private static func add(_ bytes: Int, to number: borrowing Atomic<UInt32>) {
    number.store(number.load(ordering: .relaxed) &+ UInt32(max(1, bytes / unitBytes)), ordering: .relaxed)
  }
}

import Base
import Synchronization

/// What each address holds at present. An address is here only while it has a connection, so there are never more of them
/// than connections.
final class AddressAccounts: Sendable {
  private let accounts = Guarded<[IPAddress: AddressAccount]>([:])
  /// Of each address.
  private let inFlightBytesMax = Atomic<Int>(.max)

  /// Counts at once, for those that are here too.
  func limit(inFlightBytes: Int?) { inFlightBytesMax.store(inFlightBytes ?? .max, ordering: .relaxed) }

  fileprivate func allows(inFlightBytes: Int) -> Bool { inFlightBytes <= inFlightBytesMax.load(ordering: .relaxed) }

  /// Counts a connection to its address's account. Beyond the limit a few more are good for probes: those of a node may come
  /// from the address of a gateway that has its share.
  func enter(_ address: IPAddress, connectionsMax: Int?, _ entrance: inout Entrance) -> Refusal? {
    let holder = Self.holder(of: address)
    let connectionsMax = connectionsMax ?? Int.max - Limits.probesPerAddress
    let entered: (account: AddressAccount, count: Int)? = accounts.withLock { accounts in
      let account = accounts[holder] ?? AddressAccount(holder, self)
      guard account.connections < connectionsMax + Limits.probesPerAddress else { return nil }
      account.connections += 1
      accounts[holder] = account
      return (account, account.connections)
    }
    guard let entered else { return .connectionsPerAddress }
    entrance.account = entered.account
    if entered.count > connectionsMax { entrance.restrict(to: .connectionsPerAddress) }
    return nil
  }

  fileprivate func leave(_ account: AddressAccount) {
    accounts.withLock { accounts in
      account.connections -= 1
      if account.connections == 0 { accounts[account.holder] = nil }
    }
  }

  /// How many addresses have a connection.
  var count: Int { accounts.withLock { $0.count } }

  /// A host has as many IPv6 addresses as it likes within its /64.
  static func holder(of address: IPAddress) -> IPAddress {
    address.isIPv4 ? address : IPAddress(high: address.high, low: 0)
  }
}

/// What one address holds. Its connections may be served by several loops.
final class AddressAccount: @unchecked Sendable {
  fileprivate let holder: IPAddress
  private let book: AddressAccounts
  /// Guarded by the book's lock.
  fileprivate var connections = 0
  private let inFlightBytes = Atomic<Int>(0)

  fileprivate init(_ holder: IPAddress, _ book: AddressAccounts) { (self.holder, self.book) = (holder, book) }

  func leave() { book.leave(self) }

  /// Whether a value of this length may arrive beside the others of the address. One always may, whatever its length: a value
  /// that is larger than the limit would never be stored.
  func begin(bytes: Int) -> Bool {
    let before = inFlightBytes.add(bytes, ordering: .relaxed).oldValue
    if before == 0 || book.allows(inFlightBytes: before + bytes) { return true }
    end(bytes: bytes)
    return false
  }

  /// It is whole, or gone.
  func end(bytes: Int) { inFlightBytes.subtract(bytes, ordering: .relaxed) }
}

import Base

/// How a connection came in, and what it may do for it.
struct Entrance: Sendable {
  let door: Door
  /// Why it is good for a probe and nothing else; nil where it is not.
  private(set) var restriction: Refusal?
  /// Where its address's share is counted; nil while addresses have no limits.
  var account: AddressAccount?
  /// Where its place among those who administer is counted; nil at other doors.
  var admin: AdminPlace?

  init(door: Door) { self.door = door }

  /// The first reason is the one that is told.
  mutating func restrict(to refusal: Refusal) { restriction = restriction ?? refusal }

  /// The connection has ended, or never began. Once.
  mutating func leave() {
    account?.leave()
    account = nil
    admin?.leave()
    admin = nil
  }
}

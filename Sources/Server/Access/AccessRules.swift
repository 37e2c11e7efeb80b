import Base
import IO

/// Who may come in, as it stands at one moment: a value that is replaced as a whole.
package struct AccessRules: Equatable, Sendable {
  package var allowed = AllowList()
  /// Whether `lm` is spoken at the door of the data.
  package var opensLM = true
  /// For each address; nil is no limit.
  package var connectionsPerAddress: Int?
  package var inFlightBytesPerAddress: Int?

  package init() {}

  fileprivate var limitsAddresses: Bool { connectionsPerAddress != nil || inFlightBytesPerAddress != nil }
}

/// Who may come in, for all doors: decided when a connection was accepted, before anything is allocated for it. What has
/// come in stays when the rules change.
package final class Access: Sendable {
  private let current: Guarded<AccessRules>
  private let accounts = AddressAccounts()

  package init(_ rules: AccessRules = AccessRules()) { current = Guarded(rules) }

  package var rules: AccessRules { current.withLock { $0 } }

  /// From any thread.
  package func replace(by rules: AccessRules) { current.withLock { $0 = rules } }

  /// Why a connection may not come in. One that may is given what it holds of its address's share.
  func look(at descriptor: Int32, _ entrance: inout Entrance) -> Refusal? {
    let rules = rules
    guard rules.limitsAddresses || rules.allowed.isLimited(at: entrance.door) else { return nil }
    guard let address = SocketAddress.peer(of: descriptor) else { return .peerGone }
    guard rules.allowed.allows(address, at: entrance.door) else { return .addressNotAllowed }
    // Who administers is not held up by clients that share the address.
    guard entrance.door != .admin, rules.limitsAddresses else { return nil }
    return accounts.enter(address, rules, &entrance)
  }

  /// Why a client at the door of the data may not speak `lm`.
  func refusal(ofLM transport: Transport) -> Refusal? {
    let rules = rules
    guard rules.opensLM else { return .lmClosed }
    guard rules.allowed.isLimited(at: .lm) else { return nil }
    guard let address = transport.peerAddress else { return .peerGone }
    return rules.allowed.allows(address, at: .lm) ? nil : .addressNotAllowed
  }
}

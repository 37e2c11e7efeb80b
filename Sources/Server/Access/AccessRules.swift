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

  fileprivate func limitsAddresses(at door: Door) -> Bool {
    allowed.isLimited(at: door) || connectionsPerAddress != nil || inFlightBytesPerAddress != nil
  }
}

/// Who may come in, for all doors: decided when a connection was accepted, before anything is allocated for it. What has
/// come in stays when the rules change; what it may store counts at once.
package final class Access: Sendable {
  private let current: Guarded<AccessRules>
  private let accounts = AddressAccounts()

  package init(_ rules: AccessRules = AccessRules()) {
    current = Guarded(rules)
    accounts.limit(inFlightBytes: rules.inFlightBytesPerAddress)
  }

  package var rules: AccessRules { current.withLock { $0 } }

  /// From any thread.
  package func replace(by rules: AccessRules) {
    current.withLock { $0 = rules }
    accounts.limit(inFlightBytes: rules.inFlightBytesPerAddress)
  }

  /// Why a connection may not come in. One that may is given what it holds of its address's share.
  func look(at descriptor: Int32, _ entrance: inout Entrance) -> Refusal? {
    let rules = rules
    guard let address = SocketAddress.peer(of: descriptor) else {
      return rules.limitsAddresses(at: entrance.door) ? .peerGone : nil
    }
    guard rules.allowed.allows(address, at: entrance.door) else { return .addressNotAllowed }
    // Who administers is not held up by clients that share the address.
    guard entrance.door != .admin else { return nil }
    // Also where there are no limits yet: those that come later count what is here by then.
    return accounts.enter(address, connectionsMax: rules.connectionsPerAddress, &entrance)
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

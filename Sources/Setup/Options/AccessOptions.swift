import Base

/// Who may do what.
package struct AccessOptions: Equatable, Sendable {
  package var allowed = AllowList()
  package var lm = LMDoorWish.on
  /// For each address; nil is no limit.
  package var connectionsPerAddress: Int?
  package var inFlightBytesPerAddress: Int?

  package init() {}
}

/// Where `lm` is spoken, which has no credentials.
package enum LMDoorWish: Equatable, Sendable {
  /// On the port of everything else.
  case on
  case off
  /// On a port of its own, and not on the other.
  case at(HostAndPort)
}

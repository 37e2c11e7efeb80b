import Base

/// What came of asking the registry for a key.
package enum LookupOutcome: Int, CaseIterable, Sendable {
  /// An engine has it.
  case owner
  /// No engine that is there, but this server.
  case peer
  /// Only one that seems to be gone.
  case hidden
  case absent

  var label: StaticString {
    switch self {
    case .owner: "owner"
    case .peer: "peer"
    case .hidden: "hidden"
    case .absent: "absent"
    }
  }
}

/// What came of a SET or of a key of a DEL.
package enum RegistrationOutcome: Int, CaseIterable, Sendable {
  case entered, removed, absent
  case keyTooLong, ownerTooLong, tooManyOwners, noRoom

  var label: StaticString {
    switch self {
    case .entered: "entered"
    case .removed: "removed"
    case .absent: "absent"
    case .keyTooLong: "key_too_long"
    case .ownerTooLong: "owner_too_long"
    case .tooManyOwners: "too_many_owners"
    case .noRoom: "no_room"
    }
  }
}

/// What came of looking after an owner.
package enum OwnerCheckOutcome: Int, CaseIterable, Sendable {
  case reachable, unreachable

  var label: StaticString {
    switch self {
    case .reachable: "reachable"
    case .unreachable: "unreachable"
    }
  }
}

/// What one worker saw of the registry. Written by its loop only, read by any thread.
package final class RegistryMetrics: Sendable {
  package let lookups = CounterTable<LookupOutcome>()
  package let registrations = CounterTable<RegistrationOutcome>()
  package let checks = CounterTable<OwnerCheckOutcome>()
}

/// What the registry thinks of an owner.
package enum OwnerState: Int, CaseIterable, Sendable {
  /// Nothing forbids it and nothing has failed.
  case alive
  /// Checks fail, but not for long enough.
  case failing
  /// Its entries are not shown.
  case hidden
  /// Nobody may connect to it, so nobody knows.
  case unchecked

  package var label: StaticString {
    switch self {
    case .alive: "alive"
    case .failing: "failing"
    case .hidden: "hidden"
    case .unchecked: "unchecked"
    }
  }
}

/// What the registry thinks of an owner.
package enum OwnerState: Int, CaseIterable, Sendable {
  /// No check has failed.
  case alive
  /// Checks fail, but not yet often or long enough to hide it.
  case failing
  /// Its entries are not shown.
  case hidden
  /// The registry may not connect to it, so its state is unknown.
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

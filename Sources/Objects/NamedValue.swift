import Store

/// What a reader gets under a name.
package enum NamedValue: ~Copyable {
  /// A value, or the bytes of an object: pinned, to be sent from its pages.
  case bytes(Pin)
  /// Only a device has the bytes: to be brought into memory, and looked up again.
  case away(ValueRef)
  /// What an object says of itself, in the form its clients write it.
  case metadata(MetadataBytes)

  /// What only a device has.
  package var away: ValueRef? {
    switch self {
    case .away(let ref): ref
    case .bytes: nil
    case .metadata: nil
    }
  }
}

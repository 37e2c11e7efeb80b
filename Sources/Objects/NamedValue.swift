import Store

/// What a reader gets under a name.
package enum NamedValue: ~Copyable {
  /// A value, or the bytes of an object: pinned, to be sent from its pages.
  case bytes(Pin)
  /// What an object says of itself, in the form its clients write it.
  case metadata(MetadataBytes)
}

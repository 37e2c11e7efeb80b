import Base

/// The three layouts that `lm` clients have used over the years. A connection speaks one of them from its first byte.
package enum LMGeneration: CaseIterable, Sendable {
  /// Command and length, nothing else: values are opaque blobs.
  case v0
  /// Eight integers: also format, type and shape.
  case eightInts
  /// Nine integers: also a location.
  case nineInts

  /// Where the key begins in a request, after the integers. The key is its last field.
  package var keyOffset: Int {
    switch self {
    case .v0: 8
    case .eightInts: 32
    case .nineInts: 36
    }
  }

  package var requestBytes: Int { keyOffset + Limits.keyBytesMax }

  /// A reply is the request's integers without a key.
  package var replyBytes: Int { keyOffset }

  /// Whether headers say format, type and shape.
  package var carriesMeta: Bool { self != .v0 }
}

import Base

/// A decoded request header. The key stays where it is, in the header's bytes.
package struct LMRequest: Equatable, Sendable {
  package var command: LMCommand
  /// Payload bytes that follow the header; 0 for all but PUT.
  package var length: Int
  /// Absent where the generation carries none.
  package var meta: ObjectMeta?
  /// The key's bytes within the header, padding excluded. May be empty.
  package var keyRange: Range<Int>
  /// The client may have cut this key to fit the field, so that another key can look the same.
  package var keyMayBeTruncated: Bool

  /// Whether the key stands for one object. Where not, nothing may be stored or found under it.
  package var keyIsUsable: Bool { !keyRange.isEmpty && !keyMayBeTruncated }
}

/// What a client asks for.
package enum LMCommand: Int32, CaseIterable, Sendable {
  case put = 1
  case get = 2
  case exist = 3
  case list = 4
  case health = 5
}

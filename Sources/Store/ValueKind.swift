/// What a value is among those of its key: key and kind together are what the index tells apart.
package struct ValueKind: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// What `lm` asks for, without metadata or with; to each generation, the other's values do not exist. The last to be stored
  /// is what a key means: one without takes the place of one with, and one with that of all kinds.
  package static let plain = ValueKind(rawValue: 0)
  package static let withMeta = ValueKind(rawValue: 1)
  /// An annotation that waits for its value. No look-up finds it.
  package static let hidden = ValueKind(rawValue: 7)
  /// Those between are for others to give a meaning.
  package static let count = 8
}

/// Some kinds.
package struct KindSet: Equatable, Sendable {
  private var bits: UInt8

  package static let none = KindSet(bits: 0)
  static let all = KindSet(bits: .max)

  private init(bits: UInt8) { self.bits = bits }
  package init(_ kind: ValueKind) { bits = 1 << kind.rawValue }

  package func adding(_ kind: ValueKind) -> KindSet { KindSet(bits: bits | 1 << kind.rawValue) }
  package func removing(_ kind: ValueKind) -> KindSet { KindSet(bits: bits & ~(1 << kind.rawValue)) }
  func union(_ other: KindSet) -> KindSet { KindSet(bits: bits | other.bits) }
  package func contains(_ kind: ValueKind) -> Bool { bits & 1 << kind.rawValue != 0 }
}

import Base

extension Limits {
  /// Persons and their tools: at the same moment they are few.
  static let adminConnectionsMax = 8
  /// A request is a line and some fields, and comes at once.
  static let adminRequestNanoseconds: UInt64 = 5_000_000_000
}

/// Why a header cannot be believed. What follows it cannot be framed, so the connection is over.
package enum LMWireError: Error, Equatable, Sendable, CaseIterable {
  case unknownCommand
  case unknownCode
  case negativeLength
  /// A payload announced by a command that has none.
  case unexpectedLength

  /// A stable name for metrics and the log.
  package var reason: String {
    switch self {
    case .unknownCommand: "unknown_command"
    case .unknownCode: "unknown_code"
    case .negativeLength: "negative_length"
    case .unexpectedLength: "unexpected_length"
    }
  }
}

/// Why a header cannot be believed. What follows it cannot be framed, so the connection is over.
package enum LMWireError: Error, Equatable, Sendable, CaseIterable {
  case unknownCommand
  case unknownCode
  case negativeLength
  /// A payload announced by a command that has none.
  case unexpectedLength
}

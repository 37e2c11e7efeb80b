/// What a line says of a field.
package enum LogValue: Equatable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral
{
  case text(String)
  case number(Int)
  /// Bytes that a peer sent: usually text, never certainly.
  case bytes([UInt8])

  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int) { self = .number(value) }
}

/// One line before it has a form.
struct LogRecord: Sendable {
  let nanoseconds: Int64
  let level: LogLevel
  let message: String
  let fields: KeyValuePairs<String, LogValue>
}

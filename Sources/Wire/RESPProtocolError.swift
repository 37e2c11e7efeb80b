/// Why bytes are no request. Where the next one begins is unknown, so the connection ends after the answer.
package enum RESPProtocolError: Error, Equatable, Sendable {
  case multibulkCountTooLong
  case multibulkLength
  case multibulkLengthUnauthenticated
  case bulkCountTooLong
  case bulkLength
  case bulkLengthUnauthenticated
  /// Something else stands where an argument should begin.
  case expectedDollar(got: UInt8)
  /// Redis skips two bytes there, whatever they are; a wrong length would then be stored as a wrong value.
  case bulkEnd
  case inlineTooLong
  case unbalancedQuotes
  /// More arguments, or longer ones, than are gathered for one request.
  case requestTooLong

  /// What is said behind `-ERR Protocol error: `, in Redis's own words.
  package var text: StaticString {
    switch self {
    case .multibulkCountTooLong: "too big mbulk count string"
    case .multibulkLength: "invalid multibulk length"
    case .multibulkLengthUnauthenticated: "unauthenticated multibulk length"
    case .bulkCountTooLong: "too big bulk count string"
    case .bulkLength: "invalid bulk length"
    case .bulkLengthUnauthenticated: "unauthenticated bulk length"
    case .expectedDollar: "expected '$', got '"
    case .bulkEnd: "expected CRLF after bulk"
    case .inlineTooLong: "too big inline request"
    case .unbalancedQuotes: "unbalanced quotes in request"
    case .requestTooLong: "too big request"
    }
  }
}

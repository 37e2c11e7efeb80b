/// What a request asks for; nothing else of its head matters here.
package struct HTTPRequest: Equatable, Sendable {
  package enum Method: Sendable {
    case get
    case head
    case post
    case delete
    case other

    /// Whether it asks for a page, and changes nothing.
    package var reads: Bool { self == .get || self == .head }
  }

  package enum Version: Sendable {
    case http10
    /// Also stands for any later 1.x, which must understand a 1.1 answer.
    case http11
  }

  package var method: Method
  /// As it was written, escapes and all, without the query.
  package var path: String
  /// What stands behind the first `?` of the target; empty without one.
  package var query: String
  package var version: Version
  /// Whether another request may follow on the connection.
  package var keepAlive: Bool
  /// Body bytes behind the head, for the server to skip.
  package var bodyBytes: Int
}

/// What the parser made of the bytes so far.
package enum HTTPParse: Equatable, Sendable {
  case incomplete
  /// `consumed` bytes made up the head; the body follows them.
  case request(HTTPRequest, consumed: Int)
  /// Answer with this and close: where the next request begins is unknown.
  case refused(HTTPStatus)
}

/// What the first bytes of a connection say about HTTP.
package enum HTTPSniff: Equatable, Sendable {
  case yes
  case no
  case needMore
}

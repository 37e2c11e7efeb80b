/// What a request asks of the admin pages; nothing else of its head matters to them.
package struct HTTPRequest: Equatable, Sendable {
  package enum Method: Sendable {
    case get
    case head
    case other
  }

  /// The pages of `proto/http.md`.
  package enum Path: Sendable {
    case health
    case live
    case ready
    case metrics
    case stats
    case other
  }

  package enum Version: Sendable {
    case http10
    /// Also stands for any later 1.x, which must understand a 1.1 answer.
    case http11
  }

  package var method: Method
  package var path: Path
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

/// The statuses we answer with. Also what the parser throws.
package enum HTTPStatus: Int, Error, CaseIterable, Sendable {
  case ok = 200
  case accepted = 202
  case badRequest = 400
  case unauthorized = 401
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case conflict = 409
  case contentTooLarge = 413
  case headerFieldsTooLarge = 431
  case serviceUnavailable = 503
  case versionNotSupported = 505

  package var reason: StaticString {
    switch self {
    case .ok: "OK"
    case .accepted: "Accepted"
    case .badRequest: "Bad Request"
    case .unauthorized: "Unauthorized"
    case .forbidden: "Forbidden"
    case .notFound: "Not Found"
    case .methodNotAllowed: "Method Not Allowed"
    case .conflict: "Conflict"
    case .contentTooLarge: "Content Too Large"
    case .headerFieldsTooLarge: "Request Header Fields Too Large"
    case .serviceUnavailable: "Service Unavailable"
    case .versionNotSupported: "HTTP Version Not Supported"
    }
  }
}

/// Writes response heads. The words are literals, so that no request can smuggle a line into them.
package enum HTTPResponseHead {
  /// Appends a head for a body of `bodyBytes`; of an answer to HEAD it states what GET would send.
  /// There is no Date: the server has no calendar, and the pages are not to be cached.
  /// `policy` is what a browser may do with a document: the program writes it, no request has a part in it.
  package static func encode(
    _ status: HTTPStatus, contentType: StaticString, bodyBytes: Int, keepAlive: Bool, allow: StaticString? = nil,
    policy: String? = nil, into output: inout [UInt8]
  ) {
    output += "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n".utf8
    output += "Content-Type: \(contentType)\r\nContent-Length: \(bodyBytes)\r\n".utf8
    output += "Cache-Control: no-store\r\nConnection: \(keepAlive ? "keep-alive" : "close")\r\n".utf8
    if let allow { output += "Allow: \(allow)\r\n".utf8 }
    if let policy {
      output += "Content-Security-Policy: \(policy)\r\nX-Content-Type-Options: nosniff\r\n".utf8
      output += "Referrer-Policy: no-referrer\r\n".utf8
    }
    if status == .unauthorized { output += "WWW-Authenticate: Bearer\r\n".utf8 }
    output += "\r\n".utf8
  }
}

/// Writes response heads. The words are literals, so that no request can smuggle a line into them.
package enum HTTPResponseHead {
  /// Appends a head for a body of `bodyBytes`; of an answer to HEAD it states what GET would send.
  /// There is no Date: the server has no calendar, and the pages are not to be cached.
  package static func encode(
    _ status: HTTPStatus, contentType: StaticString, bodyBytes: Int, keepAlive: Bool, allow: StaticString? = nil,
    into output: inout [UInt8]
  ) {
    output += "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n".utf8
    output += "Content-Type: \(contentType)\r\nContent-Length: \(bodyBytes)\r\n".utf8
    output += "Cache-Control: no-store\r\nConnection: \(keepAlive ? "keep-alive" : "close")\r\n".utf8
    if let allow { output += "Allow: \(allow)\r\n".utf8 }
    output += "\r\n".utf8
  }
}

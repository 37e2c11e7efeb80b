import Foundation

/// An HTTP client that reads one answer at a time, by its Content-Length.
struct WebPeer {
  struct Answer {
    let status: Int
    /// Names in lower case.
    let fields: [String: String]
    let body: String
  }

  let peer: Peer

  func get(_ target: String, fields: [String] = []) throws -> Answer {
    try ask("GET \(target) HTTP/1.1", fields: ["Host: localhost"] + fields)
  }

  func ask(_ line: String, fields: [String] = []) throws -> Answer {
    try send(line, fields: fields)
    return try answer(hasBody: !line.hasPrefix("HEAD "))
  }

  func send(_ line: String, fields: [String] = []) throws {
    try peer.send(Array(([line] + fields + ["", ""]).joined(separator: "\r\n").utf8))
  }

  func answer(hasBody: Bool = true) throws -> Answer {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) { head += try peer.receive(1) }
    let lines = String(decoding: head.dropLast(4), as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
      throw HarnessFailure("no status line: \(lines[0])")
    }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw HarnessFailure("no field: \(line)") }
      fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    guard let length = fields["content-length"].flatMap(Int.init) else { throw HarnessFailure("no length: \(lines)") }
    let body = hasBody ? try peer.receive(length) : []
    return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
  }
}

extension RunningServer {
  func web() throws -> WebPeer { WebPeer(peer: try connect()) }

  func status(of target: String) throws -> Int { try web().get(target).status }

  func metrics() throws -> Exposition { try Exposition(try web().get("/metrics").body) }

  /// The value of one series, such as `lmcache_server_refusals_total{reason="tls_on_plain_port"}`.
  func metric(_ series: String) throws -> Double {
    guard let value = try metrics().value(of: series) else { throw HarnessFailure("no metric \(series)") }
    return value
  }

  func refusals(_ reason: String) throws -> Double {
    try metric("lmcache_server_refusals_total{reason=\"\(reason)\"}")
  }

  func drops(_ reason: String) throws -> Double {
    try metric("lmcache_server_dropped_puts_total{reason=\"\(reason)\"}")
  }
}

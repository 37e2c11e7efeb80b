import Foundation

extension RunningServer {
  /// The port of another door, from its line in the log.
  func port(after words: String) throws -> UInt16 {
    var port: UInt16?
    try eventually("'\(words)' is logged") {
      let line = log.split(separator: "\n").first { $0.contains(words) && $0.contains("port=") }
      port = line?.firstMatch(of: /port=(\d+)/).flatMap { UInt16($0.output.1) }
      return port != nil
    }
    return port!
  }

  func lookup() throws -> Peer { try Peer(port: port(after: "lookup registry listening")) }

  func lookupRESP() throws -> RESPPeer { try RESPPeer(port: port(after: "lookup registry listening")) }

  func peerPort() throws -> UInt16 { try port(after: "peer listening") }
}

extension Peer {
  /// Sends, and expects exactly these bytes.
  func expect(_ request: [UInt8], _ reply: String) throws -> Bool {
    try send(request)
    let received = try receive(reply.utf8.count)
    if received == Array(reply.utf8) { return true }
    throw HarnessFailure(
      "instead of \(reply.debugDescription): \(String(decoding: received, as: UTF8.self).debugDescription)")
  }
}

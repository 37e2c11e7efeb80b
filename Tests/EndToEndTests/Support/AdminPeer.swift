import Foundation

/// One who administers a server: each request has a connection of its own, as the server has it.
struct AdminPeer {
  let port: UInt16
  var token: String?

  func ask(
    _ line: String, fields: [String] = [], from source: UInt32? = nil
  ) throws -> WebPeer.Answer {
    let web = WebPeer(peer: try Peer(port: port, from: source))
    let token = token.map { ["Authorization: Bearer \($0)"] } ?? []
    let answer = try web.ask("\(line) HTTP/1.1", fields: ["Host: 127.0.0.1:\(port)"] + token + fields)
    guard try web.peer.receiveToEnd().isEmpty else { throw HarnessFailure("bytes behind the answer") }
    return answer
  }

  /// What was removed, as its answer says.
  func remove(_ query: String) throws -> [String: Any] {
    let answer = try ask("DELETE /chunks?\(query)")
    guard let said = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any] else {
      throw HarnessFailure("no JSON: \(answer.body)")
    }
    return said.merging(["status": answer.status]) { given, _ in given }
  }
}

/// A token in a file, which goes with its test.
final class TokenFile {
  static let token = "b1946ac92492d2347c6235b4d2611184"
  let path: String

  init(_ text: String = token + "\n") throws {
    path = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)").path()
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension RunningServer {
  func admin(_ token: String? = TokenFile.token) throws -> AdminPeer {
    AdminPeer(port: try port(after: "admin listening"), token: token)
  }
}

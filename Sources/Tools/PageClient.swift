import Setup
import Base
import Wire

/// Asks for a page, by a connection of its own.
struct PageClient {
  struct Answer {
    let status: Int
    let body: [UInt8]
  }

  let errand: Errand

  func get(_ path: String) async throws(ToolFailure) -> [UInt8] {
    let answer = try await ask("GET \(path)")
    guard answer.status == 200 else {
      throw ToolFailure("\(errand.target.text) answers \(answer.status) to \(path); is it the port of --port?")
    }
    return answer.body
  }

  /// - Parameter words: method and target.
  func ask(_ words: String, authorization: [UInt8] = []) async throws(ToolFailure) -> Answer {
    let conversation = try await errand.converse()
    let head = "\(words) HTTP/1.1\r\nHost: \(errand.target.text)\r\nConnection: close\r\n"
    try await conversation.send(Array(head.utf8) + authorization + [0x0D, 0x0A])
    let line = try await conversation.line()
    guard var answer = HTTPAnswerHead(statusLine: line.span.bytes) else {
      throw conversation.nonsense("'\(ToolFailure.quoted(Array(line.prefix(40))))' is no HTTP")
    }
    var lines = 0
    while true {
      let line = try await conversation.line()
      if line.isEmpty { break }
      lines += 1
      guard lines <= Limits.toolHeadLinesMax, answer.take(field: line.span.bytes) else {
        throw conversation.nonsense("the head of its answer is none")
      }
    }
    guard let count = answer.bodyBytes, count <= Limits.toolPageBytesMax else {
      throw conversation.nonsense("a page of \(answer.bodyBytes.map { "\($0) bytes" } ?? "no length")")
    }
    return Answer(status: answer.status, body: try await conversation.bytes(count))
  }
}

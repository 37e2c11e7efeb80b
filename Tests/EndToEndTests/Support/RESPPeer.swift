import Foundation

/// A RESP client that sends raw bytes and takes replies as raw bytes.
final class RESPPeer: @unchecked Sendable {
  let peer: Peer
  private var buffer: [UInt8] = []
  private var start = 0

  convenience init(port: UInt16) throws { self.init(peer: try Peer(port: port)) }

  init(peer: Peer) { self.peer = peer }

  init(_ peer: Peer) { self.peer = peer }

  static func request(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words {
      bytes += "$\(word.count)\r\n".utf8
      bytes += word
      bytes += [0x0D, 0x0A]
    }
    return bytes
  }

  static func request(_ words: String...) -> [UInt8] { request(words.map { Array($0.utf8) }) }

  func send(_ words: String...) throws { try peer.send(Self.request(words.map { Array($0.utf8) })) }

  /// Sends one request and takes its reply.
  func ask(_ words: String...) throws -> String { try ask(words.map { Array($0.utf8) }) }

  func ask(_ words: [[UInt8]]) throws -> String {
    try peer.send(Self.request(words))
    return String(decoding: try reply(), as: UTF8.self)
  }

  func replyBytes(to words: [[UInt8]]) throws -> [UInt8] {
    try peer.send(Self.request(words))
    return try reply()
  }

  /// All bytes of one reply.
  func reply() throws -> [UInt8] {
    let begin = try taken { try element() }
    return begin
  }

  /// The bytes of a string's value.
  func bulk() throws -> [UInt8] {
    let reply = try reply()
    guard let end = reply.firstIndex(of: 0x0A), reply.first == UInt8(ascii: "$"), end + 3 <= reply.count else {
      throw HarnessFailure("no string: \(String(decoding: reply.prefix(80), as: UTF8.self))")
    }
    return Array(reply[(end + 1)..<(reply.count - 2)])
  }

  /// Everything up to the peer's end; a reset ends it too.
  func rest() throws -> [UInt8] {
    var rest = Array(buffer[start...])
    start = buffer.count
    while let part = try? peer.receiveSome(), !part.isEmpty { rest += part }
    return rest
  }

  // MARK: Reading

  private func taken(_ body: () throws -> Void) throws -> [UInt8] {
    let begin = start
    try body()
    let bytes = Array(buffer[begin..<start])
    buffer.removeFirst(start)
    start = 0
    return bytes
  }

  private func element() throws {
    let line = try self.line()
    let count = Int(line.dropFirst()) ?? 0
    switch line.first {
    case "+", "-", ":", "_", "#", ",", "(": break
    case "$", "=", "!": if count >= 0 { try need(count + 2) }
    case "*", "~", ">": for _ in 0..<max(count, 0) { try element() }
    case "%": for _ in 0..<2 * count { try element() }
    default: throw HarnessFailure("no reply begins like \(line.prefix(80))")
    }
  }

  private func line() throws -> String {
    var end = start
    while true {
      if let newline = buffer[end...].firstIndex(of: 0x0A) {
        defer { start = newline + 1 }
        return String(decoding: buffer[start..<max(start, newline - 1)], as: UTF8.self)
      }
      end = buffer.count
      try more()
    }
  }

  private func need(_ count: Int) throws {
    while buffer.count < start + count { try more() }
    start += count
  }

  private func more() throws {
    let part = try peer.receiveSome(max: 1 << 20)
    guard !part.isEmpty else { throw HarnessFailure("the end after \(buffer.count - start) bytes of a reply") }
    buffer += part
  }
}

extension RunningServer {
  func resp(_ version: Int = 2) throws -> RESPPeer {
    let peer = try RESPPeer(port: port)
    if version == 3 { _ = try peer.ask("HELLO", "3") }
    return peer
  }
}

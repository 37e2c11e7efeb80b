import Base
import Glibc
import Synchronization

@testable import Bench

/// A server that speaks just enough RESP: it reads whole commands and answers from its own script. Lives as long as the
/// tests.
final class FakeServer: Sendable {
  let port: UInt16
  let commands = Atomic<Int>(0)
  private let listener: Int32

  /// `answer` gets the command's number and its words.
  init(_ answer: @escaping @Sendable (Int, [String]) -> String) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(listener, address, length) == 0 && Glibc.listen(listener, 4) == 0, "no port to listen at")
        getsockname(listener, address, &length)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    self.listener = listener
    Base.Thread(name: "fake server") { [self] in
      while true {
        let peer = accept(listener, nil, nil)
        Base.Thread(name: "fake peer") { [self] in serve(peer, answer) }.detach()
      }
    }.detach()
  }

  var target: Target { get throws(Failure) { try Target(parsing: "redis://127.0.0.1:\(port)") } }

  private func serve(_ peer: Int32, _ answer: @Sendable (Int, [String]) -> String) {
    defer { close(peer) }
    var pending: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      while let words = Self.takeCommand(&pending) {
        let number = commands.wrappingAdd(1, ordering: .relaxed).oldValue
        let reply = Array(answer(number, words).utf8)
        var sent = 0
        while sent < reply.count {
          let count = reply.withUnsafeBytes { send(peer, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
          guard count > 0 else { return }
          sent += count
        }
      }
      let count = recv(peer, &piece, piece.count, 0)
      guard count > 0 else { return }
      pending += piece[..<count]
    }
  }

  /// Values are kept as their length: no test looks at their bytes.
  private static func takeCommand(_ bytes: inout [UInt8]) -> [String]? {
    var position = 0
    func line() -> Substring? {
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      defer { position = end + 1 }
      return Substring(decoding: bytes[position..<end - 1], as: UTF8.self)
    }
    guard let head = line(), let count = Int(head.dropFirst()) else { return nil }
    var words: [String] = []
    for _ in 0..<count {
      guard let size = line().flatMap({ Int($0.dropFirst()) }), bytes.count >= position + size + 2 else { return nil }
      words.append(size > 256 ? "\(size)" : String(decoding: bytes[position..<position + size], as: UTF8.self))
      position += size + 2
    }
    bytes.removeFirst(position)
    return words
  }
}

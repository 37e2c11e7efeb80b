import Base
import Glibc

/// Connects to a target, sets the socket's options and greets the server if the dialect wants it.
enum Socket {
  static func connect(to target: Target, nagle: Bool) throws(Failure) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(target.host, String(target.port), &hints, &found)
    guard status == 0, let address = found?.pointee else {
      throw Failure("\(target.label): \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), address.ai_protocol)
    guard descriptor >= 0 else { throw Failure(target.label, code: errno) }
    guard Glibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: address.ai_addr), address.ai_addrlen) == 0 else {
      defer { close(descriptor) }
      throw Failure(target.label, code: errno)
    }
    tune(descriptor, nagle: nagle)
    if let password = target.password {
      let words = ["AUTH"] + (target.user.map { [$0] } ?? []) + [password]
      let answer = try ask(descriptor, RESPText.command(words), until: hasLine)
      guard answer == "+OK\r\n" else {
        close(descriptor)
        throw Failure("\(target.label): AUTH was refused")
      }
    }
    return descriptor
  }

  /// The server's version; nil if the dialect has no request for it.
  static func version(of target: Target) -> String? {
    guard target.dialect != .lm, let descriptor = try? connect(to: target, nagle: false) else { return nil }
    defer { close(descriptor) }
    if target.dialect == .memcached {
      let answer = try? ask(descriptor, Array("version\r\n".utf8), until: hasLine)
      return answer?.split(whereSeparator: \.isWhitespace).last.map(String.init)
    }
    guard let answer = try? ask(descriptor, RESPText.command(["INFO", "server"]), until: hasBulk) else {
      return nil
    }
    let names = ["valkey_version:", "redis_version:"]
    for line in answer.split(whereSeparator: \.isNewline) {
      for name in names where line.hasPrefix(name) { return String(line.dropFirst(name.count)) }
    }
    return nil
  }

  private static func tune(_ descriptor: Int32, nagle: Bool) {
    var patience = timeval(tv_sec: Limits.benchSilenceSecondsMax, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var noDelay: Int32 = nagle ? 0 : 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends one request outside the load; returns the whole reply.
  private static func ask(
    _ descriptor: Int32, _ question: [UInt8], until isWhole: ([UInt8]) -> Bool
  ) throws(Failure) -> String {
    guard Glibc.send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count else {
      throw Failure("send", code: errno)
    }
    // Bytes, not text: in a String CR LF is one character and not equal to LF.
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16384)
    while !isWhole(answer) {
      let count = recv(descriptor, &piece, piece.count, 0)
      guard count > 0 else { throw Failure("the server closed the connection") }
      answer += piece[..<count]
    }
    return String(decoding: answer, as: UTF8.self)
  }

  private static func hasLine(_ answer: [UInt8]) -> Bool { answer.contains(UInt8(ascii: "\n")) }

  /// Whether a RESP bulk string is complete by its length; any other reply is one line.
  static func hasBulk(_ answer: [UInt8]) -> Bool {
    guard let end = answer.firstIndex(of: UInt8(ascii: "\n")) else { return false }
    let head = String(decoding: answer[..<end], as: UTF8.self)
    guard head.hasPrefix("$"), let count = Int(head.dropFirst().filter(\.isNumber)) else { return true }
    return answer.count - end - 1 >= count + 2
  }
}

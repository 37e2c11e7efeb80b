import Foundation

/// A server that says what a test wants, whoever asks and whatever for.
final class FalseServer: Sendable {
  enum Ending: Sendable {
    case closes
    /// It says nothing more, and stays.
    case isSilent
    /// It says this again and again.
    case repeats(String)
  }

  let port: UInt16
  private let listener: LoopbackListener
  private let isOver: Flag

  /// - Parameters:
  ///   - replies: what it says to the first thing that it hears, the second, and so on.
  init(_ replies: [[UInt8]], then ending: Ending = .isSilent) throws {
    let (listener, isOver) = (try LoopbackListener(), Flag())
    (self.listener, self.isOver, port) = (listener, isOver, listener.port)
    Thread.detachNewThread {
      var clients: [Int32] = []
      while !isOver.isSet {
        guard let client = listener.accept() else { continue }
        clients.append(client)
        Self.serve(client, replies, ending)
        if case .isSilent = ending { continue }
        close(clients.removeLast())
      }
      for client in clients { close(client) }
    }
  }

  convenience init(_ reply: String, then ending: Ending = .isSilent) throws {
    try self.init([Array(reply.utf8)], then: ending)
  }

  deinit { isOver.set() }

  private static func serve(_ client: Int32, _ replies: [[UInt8]], _ ending: Ending) {
    var heard = [UInt8](repeating: 0, count: 4096)
    for reply in replies {
      guard recv(client, &heard, heard.count, 0) > 0, say(reply, to: client) else { return }
    }
    guard case .repeats(let text) = ending else { return }
    while say(Array(text.utf8), to: client) {}
  }

  private static func say(_ bytes: [UInt8], to client: Int32) -> Bool {
    var said = 0
    while said < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(client, $0.baseAddress! + said, bytes.count - said, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      said += count
    }
    return true
  }
}

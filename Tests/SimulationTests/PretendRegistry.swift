import Base
import IO
import Simulation

/// A foreign Redis as the announcer uses it: it takes SET and withdrawals by EVAL, and answers OK to the rest.
final class PretendRegistry: @unchecked Sendable {
  private let world: SimulatedWorld
  private let loop: EventLoop
  private let listener: Int32
  private(set) var entries: [String: String] = [:]

  init(world: SimulatedWorld, loop: EventLoop, port: UInt16) {
    self.world = world
    self.loop = loop
    listener = world.makeListener(port: port)
  }

  func start() { loop.startRoot { [self] in await run() } }

  func end() { loop.driver.shutdown(listener, .both) }

  private func run() async {
    while true {
      do {
        let descriptor = try await loop.accept(listener)
        loop.startRoot { [self] in await serve(descriptor) }
      } catch {
        if error == .listenerClosed { return }
        await loop.sleep(nanoseconds: 10_000_000)
      }
    }
  }

  private func serve(_ descriptor: Int32) async {
    let socket = RESPLifeSocket(ClientSocket(accepted: descriptor, loop: loop))
    do throws(ClientSocketEnd) {
      while true { try await socket.send(Array(answer(try await request(socket)).utf8)) }
    } catch {
      socket.close()
    }
  }

  private func request(_ socket: RESPLifeSocket) async throws(ClientSocketEnd) -> [String] {
    let count = Int(try await socket.line().dropFirst()) ?? 0
    var words: [String] = []
    for _ in 0..<count {
      let length = Int(try await socket.line().dropFirst()) ?? 0
      words.append(String(decoding: try await socket.take(length + 2).dropLast(2), as: UTF8.self))
    }
    return words
  }

  private func answer(_ words: [String]) -> String {
    switch words.first {
    case "SET":
      entries[words[1]] = words[2]
      return "+OK\r\n"
    case "EVAL":
      // Withdrawn only while it still names the withdrawing server.
      guard entries[words[3]] == words[4] else { return ":0\r\n" }
      entries[words[3]] = nil
      return ":1\r\n"
    default: return "+OK\r\n"
    }
  }
}

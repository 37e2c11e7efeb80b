import Base
import Registry
import Simulation

/// An engine that registers its chunks and looks up those of others. No other client uses its keys, and this registry
/// drops nothing: each reply is known to the byte.
final class RegistryLifeClient: @unchecked Sendable {
  private let life: RESPLife
  private let number: Int
  private var random: SplitMix64
  private var owners: [Int: String] = [:]
  /// A pipeline, and all expected replies.
  private var requests = ""
  private var replies = ""

  init(life: RESPLife, number: Int, seed: UInt64) {
    self.life = life
    self.number = number
    random = SplitMix64(seed: seed &* 137 &+ UInt64(number))
  }

  func run() async {
    for _ in 0..<3 where life.failure == nil {
      let socket = RESPLifeSocket(life)
      do throws(ClientSocketEnd) {
        try await socket.connect(port: RESPLife.registryPort)
        for _ in 0..<random.pick(1...5) where life.failure == nil { try await converse(socket) }
      } catch {
        socket.close()
        // Requests under way have an unknown outcome, and with them later replies.
        if life.world.isHarmed(socket.descriptor) { return life.harmedEnds += 1 }
        return life.fail("engine \(number): the registry ended the connection: \(error)")
      }
      socket.close()
    }
  }

  private func converse(_ socket: RESPLifeSocket) async throws(ClientSocketEnd) {
    (requests, replies) = ("", "")
    for _ in 0..<random.pick(1...(random.chance(perMille: 100) ? 300 : 12)) { request() }
    try await socket.send(Array(requests.utf8))
    let expected = Array(replies.utf8)
    let received = try await socket.take(expected.count)
    guard received != expected else { return life.lookups += 1 }
    life.fail("engine \(number): \(String(decoding: received, as: UTF8.self)) and not \(replies) to \(requests)")
  }

  private func request() {
    let keys = (0..<random.pick(1...3)).map { _ in random.pick(0...7) }
    switch random.pick(0...9) {
    case 0...3:
      let owner = "10.0.\(number).\(random.pick(1...3)):8200"
      owners[keys[0]] = owner
      send("SET", name(keys[0]), owner, reply: "+OK\r\n")
    case 4...5: send("GET", name(keys[0]), reply: shown(keys[0]))
    case 6: send(["MGET"] + keys.map(name), reply: "*\(keys.count)\r\n" + keys.map(shown).joined())
    case 7: send(["EXISTS"] + keys.map(name), reply: ":\(keys.count { owners[$0] != nil })\r\n")
    case 8: send(["DEL"] + keys.map(name), reply: ":\(keys.count { owners.removeValue(forKey: $0) != nil })\r\n")
    default:
      let long = String(repeating: "x", count: Limits.registryKeyBytesMax + 1)
      send("SET", long, "10.0.0.1:8200", reply: "-ERR the key is longer than this registry takes\r\n")
    }
  }

  private func name(_ key: Int) -> String {
    "engine \(number) key \(key)" + String(repeating: "k", count: key == 7 ? 900 : 0)
  }

  private func shown(_ key: Int) -> String { owners[key].map { "$\($0.utf8.count)\r\n\($0)\r\n" } ?? "$-1\r\n" }

  private func send(_ words: String..., reply: String) { send(words, reply: reply) }

  private func send(_ words: [String], reply: String) {
    requests += "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    replies += reply
  }
}

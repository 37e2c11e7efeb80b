import Base
import Foundation

/// One connection of a hammer.
struct HammerClient {
  private static let plainCount = 100, pairCount = 20

  private let peer: RESPPeer
  private let book: HammerBook
  private var random: SplitMix64

  init(_ peer: RESPPeer, _ book: HammerBook, seed: UInt64) {
    (self.peer, self.book) = (peer, book)
    random = SplitMix64(seed: seed)
  }

  mutating func step() throws {
    let key = "h\(random.pick(0...Self.plainCount - 1))"
    switch random.pick(0...13) {
    case 0...3: try set(key)
    case 4...5: try check(key, name: key)
    case 6...7: try promise(key)
    case 8: try several()
    case 9: try remove(key, names: [key])
    case 10...11: try setPair()
    case 12: try readPair()
    default:
      let pair = "p\(random.pick(0...Self.pairCount - 1))"
      try remove(pair, names: [pair + "kv_bytes", pair + "metadata"])
    }
  }

  // MARK: Changes

  private mutating func set(_ key: String) throws {
    let version = book.newVersion()
    let value = VersionedValue.bytes(key, version, length: VersionedValue.headBytes + random.pick(0...600_000))
    try book.change(key, to: version) { try isStored([Array("SET".utf8), Array(key.utf8), value]) }
  }

  /// All values under a pair's key have one length, so that any of its metadata fits any of its bytes.
  private mutating func setPair() throws {
    let number = random.pick(0...Self.pairCount - 1)
    let (key, version, length) = ("p\(number)", book.newVersion(), Self.pairBytes(number))
    let value = VersionedValue.bytes(key, version, length: length)
    try book.change(key, to: version) { try isStored([Array("SET".utf8), Array("\(key)kv_bytes".utf8), value]) }
    _ = try isStored([Array("SET".utf8), Array("\(key)metadata".utf8), Self.metadata(length)])
  }

  private func isStored(_ request: [[UInt8]]) throws -> Bool {
    let reply = try peer.ask(request)
    // Lack of room is no error in a store so small.
    guard reply == "+OK\r\n" || reply.hasPrefix("-OOM ") else { throw HarnessFailure("SET: \(reply)") }
    return reply == "+OK\r\n"
  }

  private func remove(_ key: String, names: [String]) throws {
    try book.change(key, to: nil) {
      let reply = try peer.ask((["DEL"] + names).map { Array($0.utf8) })
      guard [":0\r\n", ":1\r\n", ":2\r\n"].contains(reply) else { throw HarnessFailure("DEL: \(reply)") }
      return true
    }
  }

  // MARK: Questions

  private func promise(_ key: String) throws {
    let start = book.now
    guard try peer.ask("EXISTS", key) == ":1\r\n" else { return }
    if try !check(key, name: key), !book.wasRemoved(key, since: start) {
      throw HarnessFailure("\(key) was promised and is gone")
    }
  }

  private mutating func readPair() throws {
    let number = random.pick(0...Self.pairCount - 1)
    let (key, start) = ("p\(number)", book.now)
    try peer.send("GET", "\(key)metadata")
    let reply = try peer.reply()
    if Self.isNull(reply) {
      try check(key, name: "\(key)kv_bytes")
      return
    }
    guard reply == Array("$28\r\n".utf8) + Self.metadata(Self.pairBytes(number)) + [0x0D, 0x0A] else {
      throw HarnessFailure("another metadata of \(key): \(reply)")
    }
    if try !check(key, name: "\(key)kv_bytes"), !book.wasRemoved(key, since: start) {
      throw HarnessFailure("\(key) has shown its metadata and is gone")
    }
  }

  private mutating func several() throws {
    let keys = (0..<random.pick(2...4)).map { _ in "h\(random.pick(0...Self.plainCount - 1))" }
    let start = book.now
    try peer.peer.send(RESPPeer.request((["MGET"] + keys).map { Array($0.utf8) }))
    var rest = try peer.reply().dropFirst("*\(keys.count)\r\n".utf8.count)
    for key in keys {
      let line = rest.prefix { $0 != 0x0A }
      rest = rest.dropFirst(line.count + 1)
      guard let length = Int(String(decoding: line.dropFirst().dropLast(), as: UTF8.self)), length >= 0 else {
        continue
      }
      try check(key, Array(rest.prefix(length)), readAt: start)
      rest = rest.dropFirst(length + 2)
    }
    guard rest.isEmpty else { throw HarnessFailure("MGET: \(rest.count) bytes too many") }
  }

  /// False when there is no value.
  @discardableResult
  private func check(_ key: String, name: String) throws -> Bool {
    let start = book.now
    try peer.send("GET", name)
    let reply = try peer.reply()
    if Self.isNull(reply) { return false }
    guard let end = reply.firstIndex(of: 0x0A) else { throw HarnessFailure("no string") }
    try check(key, Array(reply[(end + 1)..<(reply.count - 2)]), readAt: start)
    return true
  }

  private func check(_ key: String, _ value: [UInt8], readAt start: Int) throws {
    let version = try VersionedValue.version(of: value, key: key)
    if let objection = book.objection(to: version, of: key, readAt: start) {
      throw HarnessFailure("version \(version) of \(key): \(objection)")
    }
  }

  // MARK: Values

  private static func isNull(_ reply: [UInt8]) -> Bool { reply == Array("_\r\n".utf8) }

  private static func pairBytes(_ number: Int) -> Int { 20 * (1000 + 700 * number) }

  private static func metadata(_ length: Int) -> [UInt8] {
    [length, 1, 3, 10, length / 20, 0, 0].flatMap { number in (0..<4).map { UInt8(number >> (8 * $0) & 255) } }
  }
}

import Base
import Foundation

/// One client, of both protocols, of a server that is about to be killed. Keys that begin with `l` are objects that come
/// and go over `lm`, those that begin with `r` plain values of RESP; a DEL is RESP's for both.
struct CrashClient {
  /// What no end of a server excuses.
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  /// More than memory has room for.
  static let keys = (0..<80).flatMap { ["l\($0)", "r\($0)"] }
  private static let valueBytesMax = 500_000

  private let lm: LMPeer
  private let resp: RESPPeer
  private let book: CrashBook
  private var random: SplitMix64

  init(_ server: RunningServer, _ book: CrashBook, seed: UInt64) throws {
    lm = try server.lm()
    resp = try server.resp()
    self.book = book
    random = SplitMix64(seed: seed)
  }

  mutating func step() throws {
    let key = Self.keys[random.pick(0...Self.keys.count - 1)]
    switch random.pick(0...1499) {
    // About once a life: what was flushed cannot be lost, nor come back.
    case 0: try flush()
    case 1...150: try remove(key)
    case 151...750: try store(key)
    case 751...1050: try promised(key)
    default: try look(key)
    }
  }

  /// Reads every key once, in an order of its own.
  mutating func lookAtAll() throws {
    for key in Self.keys.shuffled(using: &random) {
      if random.chance(perMille: 300) { try promised(key) } else { try look(key) }
    }
  }

  // MARK: Changes

  private mutating func store(_ key: String) throws {
    let version = book.newVersion()
    let isSmall = random.chance(perMille: 200)
    let length = VersionedValue.headBytes + random.pick(0...(isSmall ? 5000 : Self.valueBytesMax))
    let value = VersionedValue.bytes(key, version, length: length)
    let change = book.begin(key, to: version)
    if Self.isObject(key) {
      try lm.put(key, value)
      // A PUT has no reply. Behind that of its connection's next request it is over: stored, or dropped for want of room.
      let isShown = try look(key, throughLM: true) == version
      book.finish(change, isShown ? .done : .over)
    } else {
      let reply = try resp.ask([Array("SET".utf8), Array(key.utf8), value])
      guard reply == "+OK\r\n" || reply.hasPrefix("-OOM ") else { throw HarnessFailure("SET: \(reply)") }
      book.finish(change, reply == "+OK\r\n" ? .done : .refused)
    }
  }

  private func remove(_ key: String) throws {
    let change = book.begin(key)
    let reply = try resp.ask("DEL", Self.name(key))
    guard [":0\r\n", ":1\r\n"].contains(reply) else { throw HarnessFailure("DEL: \(reply)") }
    book.finish(change, .done)
  }

  private func flush() throws {
    let change = book.begin(nil)
    let reply = try resp.ask("FLUSHALL")
    guard reply == "+OK\r\n" else { throw HarnessFailure("FLUSHALL: \(reply)") }
    book.finish(change, .done)
  }

  // MARK: Questions

  private mutating func promised(_ key: String) throws {
    let start = book.now
    let isPromised =
      if Self.isObject(key), random.chance(perMille: 500) { try lm.exists(key) } else {
        try resp.ask("EXISTS", Self.name(key)) == ":1\r\n"
      }
    guard isPromised, try look(key) == nil, !book.mayBeGone(key, since: start) else { return }
    throw Violation(description: "\(key) was promised and is gone")
  }

  /// The version that was found, if one was and it is one that may be there.
  @discardableResult
  private mutating func look(_ key: String, throughLM: Bool = false) throws -> Int? {
    let start = book.now
    let isByLM = throughLM || (Self.isObject(key) && random.chance(perMille: 700))
    guard let bytes = try isByLM ? foundByLM(key) : foundByRESP(key) else { return nil }
    let version: Int
    do { version = try VersionedValue.version(of: bytes, key: key) } catch {
      throw Violation(description: "\(error)")
    }
    if let objection = book.objection(to: version, of: key, readAt: start) {
      throw Violation(description: "version \(version) of \(key): \(objection)")
    }
    return version
  }

  private func foundByRESP(_ key: String) throws -> [UInt8]? {
    try resp.send("GET", Self.name(key))
    let reply = try resp.reply()
    if reply == Array("$-1\r\n".utf8) { return nil }
    guard reply.first == UInt8(ascii: "$"), let end = reply.firstIndex(of: 0x0A) else {
      throw HarnessFailure("GET: \(String(decoding: reply.prefix(80), as: UTF8.self))")
    }
    return Array(reply[(end + 1)..<(reply.count - 2)])
  }

  private func foundByLM(_ key: String) throws -> [UInt8]? {
    guard let value = try lm.get(key) else { return nil }
    guard value.meta == LMPeer.meta else {
      throw Violation(description: "\(key) has the shape \(String(describing: value.meta))")
    }
    return value.bytes
  }

  // MARK: Names

  private static func isObject(_ key: String) -> Bool { key.hasPrefix("l") }

  private static func name(_ key: String) -> String { isObject(key) ? key + "kv_bytes" : key }
}

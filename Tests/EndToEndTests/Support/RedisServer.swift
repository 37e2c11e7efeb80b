import Foundation

/// A real redis-server with a password, which can stop and start again.
final class RedisServer {
  static let password = "pass word"

  let port: UInt16
  private var redis: RealRedis?

  init() throws {
    let redis = try RealRedis(["--requirepass", Self.password])
    port = redis.port
    self.redis = redis
  }

  func start() throws { redis = try RealRedis(["--requirepass", Self.password], port: port) }

  /// Stops it; its data is lost.
  func stop() throws {
    redis?.child.signal(SIGKILL)
    _ = try redis?.child.wait()
  }

  /// A connection that is logged in to database 2.
  func client() throws -> Peer {
    let peer = try Peer(port: port)
    _ = try peer.expect(RESPWords.command("AUTH", Self.password) + RESPWords.command("SELECT", "2"), "+OK\r\n+OK\r\n")
    return peer
  }

  func value(_ key: String) throws -> String? {
    let peer = try client()
    try peer.send(RESPWords.command("GET", key))
    let lines = String(decoding: try peer.receiveSome(), as: UTF8.self).split(separator: "\r\n")
    return lines.count == 2 ? String(lines[1]) : nil
  }

  func count() throws -> Int {
    let peer = try client()
    try peer.send(RESPWords.command("DBSIZE"))
    return Int(String(decoding: try peer.receiveSome(), as: UTF8.self).dropFirst().prefix { $0.isNumber }) ?? -1
  }
}

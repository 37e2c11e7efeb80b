import Base
import Foundation

/// Engines that look prompts up and fetch them as fast as they can, while one chunk in ten is new.
struct PromptLoad {
  struct Outcome: CustomStringConvertible {
    var (asked, yes, fetched, missed, stored) = (0, 0, 0, 0, 0)

    var description: String { "asked \(asked), yes \(yes), fetched \(fetched), missed \(missed), stored \(stored)" }
  }

  static let isLong = ProcessInfo.processInfo.environment["LONG_TESTS"] != nil
  private static let chunkBytes = 1 << 20
  private static let promptChunks = 8
  /// Two thirds of the memory: all of it stays if new chunks evict old ones.
  private static let prompts = 20

  private let server: RunningServer
  private let dialect: PromiseTests.Dialect
  private let body = Payload.bytes(chunkBytes, seed: 1)

  init(_ server: RunningServer, _ dialect: PromiseTests.Dialect) throws {
    self.server = server
    self.dialect = dialect
  }

  func run(seconds: Double, neverFetched: Bool) throws -> Outcome {
    let client = try PromptClient(server, dialect)
    for prompt in 0..<Self.prompts {
      for chunk in 0..<Self.promptChunks { try client.put(key(prompt, chunk), body) }
    }
    var outcome = Outcome()
    var random = SplitMix64(seed: 3)
    let end = Date().addingTimeInterval(seconds)
    var number = 0
    while Date() < end {
      // The set stays resident while it is used, prompt after prompt; unused chunks age.
      let prompt = number % Self.prompts
      let fetches = !neverFetched || random.chance(perMille: 500)
      for _ in 0..<(neverFetched ? 20 : 1) {
        for chunk in 0..<Self.promptChunks {
          outcome.asked += 1
          if try client.exists(key(prompt, chunk)) { outcome.yes += 1 }
        }
      }
      if fetches {
        for chunk in 0..<Self.promptChunks {
          outcome.fetched += 1
          if try !client.fetch(key(prompt, chunk), bytes: Self.chunkBytes) { outcome.missed += 1 }
        }
      }
      if number % 5 < 4 {
        try client.put("model@1@0@new\(number)@bfloat16", body)
        outcome.stored += 1
      }
      number += 1
    }
    return outcome
  }

  private func key(_ prompt: Int, _ chunk: Int) -> String { "model@1@0@\(prompt)x\(chunk)@bfloat16" }
}

/// One engine's connections in one of the protocols.
private final class PromptClient {
  private let dialect: PromiseTests.Dialect
  private let lm: LMPeer?
  /// LMCache's native client spreads its requests over eight.
  private let resp: [RESPPeer]
  private var turn = 0

  init(_ server: RunningServer, _ dialect: PromiseTests.Dialect) throws {
    self.dialect = dialect
    lm = dialect == .lm ? try server.lm() : nil
    resp = try (0..<(dialect == .native ? 8 : dialect == .pairs ? 4 : 0)).map { _ in try server.resp() }
  }

  private var next: RESPPeer {
    turn += 1
    return resp[turn % resp.count]
  }

  private static let metadata: [UInt8] = {
    let numbers: [Int32] = [1 << 20, 1, 3, 2, 32, 64, 128]
    return numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }()

  func put(_ key: String, _ body: [UInt8]) throws {
    switch dialect {
    case .lm: try lm!.put(key, body)
    case .native: _ = try next.ask([Array("SET".utf8), Array(key.utf8), body])
    case .pairs:
      _ = try next.ask([Array("SET".utf8), Array("\(key)kv_bytes".utf8), body])
      _ = try next.ask([Array("SET".utf8), Array("\(key)metadata".utf8), Self.metadata])
    }
  }

  func exists(_ key: String) throws -> Bool {
    switch dialect {
    case .lm: return try lm!.exists(key)
    case .native: return try next.ask("EXISTS", key) == ":1\r\n"
    case .pairs: return try next.ask("EXISTS", "\(key)metadata") == ":1\r\n"
    }
  }

  func fetch(_ key: String, bytes: Int) throws -> Bool {
    switch dialect {
    case .lm: return try lm!.get(key)?.bytes.count == bytes
    case .native: return try take(next, key, bytes)
    case .pairs:
      let metadata = next
      try metadata.send("GET", "\(key)metadata")
      guard try metadata.reply().count > Self.metadata.count else { return false }
      return try take(next, "\(key)kv_bytes", bytes)
    }
  }

  private func take(_ peer: RESPPeer, _ key: String, _ bytes: Int) throws -> Bool {
    try peer.send("GET", key)
    return try peer.reply().count > bytes
  }
}

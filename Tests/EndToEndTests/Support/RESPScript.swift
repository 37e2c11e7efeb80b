import Base

/// Random requests, drawn from a seed: usual, odd and wrong ones.
struct RESPScript {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// How long each key has to live.
  static let times = (0...11).flatMap { key in ["TTL", "PTTL"].map { bytes([$0, "k\(key)"]) } }

  mutating func batch() -> [[[UInt8]]] { (0..<random.pick(1...12)).map { _ in request() } }

  mutating func request() -> [[UInt8]] {
    var words = Self.bytes(usual())
    if random.chance(perMille: 30) { words.append(Array("extra".utf8)) }
    if random.chance(perMille: 30), words.count > 1 { words.removeLast() }
    if random.chance(perMille: 20) { words[0] = Array("NO\r\nSUCH".utf8) }
    // Values for each way of receiving: gathered, straight into pages, and over several slices.
    if ["SET", "GETSET"].contains(String(decoding: words[0], as: UTF8.self)), words.count > 2,
      random.chance(perMille: 200)
    {
      words[2] = value([1024, 1025, 5000, 70_000, 300_000, 2_500_000][random.pick(0...5)])
    }
    return words
  }

  private mutating func usual() -> [String] {
    let key = key()
    switch random.pick(0...29) {
    case 0...3: return ["GET", key]
    case 4...8: return ["SET", key, word()] + setOptions()
    case 9: return ["SETEX", key, number(), word()]
    case 10: return ["MGET"] + keys()
    case 11: return ["MSET"] + keys().flatMap { [$0, word()] }
    case 12: return [random.chance(perMille: 500) ? "DEL" : "UNLINK"] + keys()
    case 13...14: return ["EXISTS"] + keys()
    case 15: return ["STRLEN", key]
    case 16: return ["TYPE", key]
    case 17: return [random.chance(perMille: 500) ? "TTL" : "pttl", key]
    case 18: return ["EXPIRE", key, number()] + expireOptions()
    case 19: return ["PERSIST", key]
    case 20: return ["TOUCH"] + keys()
    case 21: return ["DBSIZE"]
    case 22: return ["PING"] + (random.chance(perMille: 500) ? [word()] : [])
    case 23: return ["echo", word()]
    case 24: return ["SELECT", ["0", "0", "16", "-1", "x", ""][random.pick(0...5)]]
    case 25: return [["MULTI", "EXEC", "EXEC", "DISCARD"][random.pick(0...3)]]
    case 26: return ["KEYS", pattern()]
    case 27: return ["SCAN", ["0", "0", "x", "", "-"][random.pick(0...4)]] + scanOptions()
    case 28: return connection()
    default: return [["FOO", "client", "CLIENT", "config", "Command"][random.pick(0...4)], word(), word()]
    }
  }

  private mutating func connection() -> [String] {
    switch random.pick(0...9) {
    case 0: ["HELLO", "4"]
    case 1: ["HELLO", "x"]
    case 2: ["HELLO", "2", "FOO"]
    case 3: ["HELLO", "3", "AUTH", "nobody", "x"]
    case 4: ["AUTH", "x"]
    case 5: ["AUTH", "default", "x"]
    case 6: ["CLIENT", "GETNAME"]
    case 7: ["CLIENT", "SETNAME", random.chance(perMille: 500) ? "me" : "not me"]
    case 8: ["CLIENT", "NO-EVICT", random.chance(perMille: 500) ? "ON" : "maybe"]
    default: ["CONFIG", "GET", random.chance(perMille: 500) ? "s[a-b]ve" : "APPENDONLY"]
    }
  }

  private mutating func setOptions() -> [String] {
    (0..<max(0, random.pick(-2...3))).flatMap { _ -> [String] in
      switch random.pick(0...9) {
      case 0: ["NX"]
      case 1: ["xx"]
      case 2: ["GET"]
      case 3: ["KEEPTTL"]
      case 4: ["EX", number()]
      case 5: ["px", number() + "000"]
      case 6: ["EXAT", "4102444800"]
      case 7: ["PXAT", "-5"]
      case 8: ["EX"]
      default: ["FOO"]
      }
    }
  }

  private mutating func expireOptions() -> [String] {
    (0..<max(0, random.pick(-1...2))).map { _ in ["NX", "XX", "gt", "LT", "foo"][random.pick(0...4)] }
  }

  private mutating func scanOptions() -> [String] {
    // All in one call: a cursor in the middle means something else to each server.
    random.chance(perMille: 300)
      ? [["COUNT", "0"], ["COUNT", "x"], ["MATCH"], ["FOO", "1"]][random.pick(0...3)]
      : ["COUNT", "1000"] + (random.chance(perMille: 500) ? ["MATCH", pattern()] : [])
  }

  private mutating func pattern() -> String {
    ["*", "k?", "k[0-3]", "k[^0-3]", "k\\1", "k[3", "*1*", "", "k", "[a-", "k[4-1]", "**9"][random.pick(0...11)]
  }

  /// No time to live with fewer digits: one server may say 100 while the other already says 99.
  private mutating func number() -> String {
    ["2000", "1000", "100000", "0", "-1", "x", "1.5", "9223372036854775807", "01"][random.pick(0...8)]
  }

  private mutating func key() -> String { "k\(random.pick(0...11))" }
  private mutating func keys() -> [String] { (0..<random.pick(1...4)).map { _ in key() } }
  private mutating func word() -> String { ["", "v", "value", "two words", "a\r\nb", "caf\u{E9}"][random.pick(0...5)] }

  private mutating func value(_ length: Int) -> [UInt8] {
    let first = UInt8(random.pick(0...255))
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      buffer.initialize(repeating: first)
      count = length
    }
  }

  private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
}

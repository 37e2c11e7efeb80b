import Base

/// The name of a value: a plain key, or one half of a pair as `redis://` clients write it.
struct RESPLifeName: Hashable {
  enum Half: String, CaseIterable { case bytes = "kv_bytes", metadata = "metadata" }

  var key: Int
  var half: Half?

  func text(of client: Int) -> String { "client \(client) key \(key)" + (half?.rawValue ?? "") }
}

/// A client's request.
enum RESPLifeRequest {
  case set(RESPLifeName, [UInt8], milliseconds: Int?)
  case delete(RESPLifeName)
  case exists(RESPLifeName)
  case get(RESPLifeName)
  case multiGet([RESPLifeName])
  case multi, exec

  static let plainKeys = 0...3
  /// Pairs have their own keys: a plain value under the same key is another test's subject.
  static let pairKeys = 4...6
  private static let lengths = [0, 1, 1024, 1025, 3000, 9000, 65_536, 200_000]

  static func draw(from random: inout SplitMix64) -> RESPLifeRequest {
    switch random.pick(0...11) {
    case 0...3:
      let name = name(&random)
      let milliseconds = random.chance(perMille: 200) ? random.pick(1...3000) : nil
      return .set(name, value(of: name, &random), milliseconds: milliseconds)
    case 4: return .delete(name(&random))
    case 5...6: return .exists(name(&random))
    case 7: return .multiGet((0..<random.pick(1...4)).map { _ in name(&random) })
    default: return .get(name(&random))
    }
  }

  private static func name(_ random: inout SplitMix64) -> RESPLifeName {
    random.chance(perMille: 500)
      ? RESPLifeName(key: random.pick(plainKeys), half: nil)
      : RESPLifeName(key: random.pick(pairKeys), half: RESPLifeName.Half.allCases.randomElement(using: &random)!)
  }

  /// The bytes of a pair have one of two lengths, so that metadata mostly fits.
  private static func value(of name: RESPLifeName, _ random: inout SplitMix64) -> [UInt8] {
    let pairLength = random.chance(perMille: 850) ? 4096 : 70_000
    switch name.half {
    case .metadata: return metadata(of: pairLength, random.pick(1...1000))
    case .bytes: return [UInt8](repeating: UInt8(random.pick(0...255)), count: pairLength)
    case nil: return [UInt8](repeating: UInt8(random.pick(0...255)), count: lengths.randomElement(using: &random)!)
    }
  }

  /// Length, format, type, shape; the number tells versions apart.
  private static func metadata(of length: Int, _ number: Int) -> [UInt8] {
    [Int32(length), 1, 1, Int32(number), 1, 1, 1].flatMap { number in
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
  }

  func words(of client: Int) -> [[UInt8]] {
    switch self {
    case .set(let name, let value, let milliseconds):
      let options = milliseconds.map { ["PX", "\($0)"] } ?? []
      return Self.words(["SET", name.text(of: client)]) + [value] + Self.words(options)
    case .delete(let name): return Self.words(["DEL", name.text(of: client)])
    case .exists(let name): return Self.words(["EXISTS", name.text(of: client)])
    case .get(let name): return Self.words(["GET", name.text(of: client)])
    case .multiGet(let names): return Self.words(["MGET"] + names.map { $0.text(of: client) })
    case .multi: return Self.words(["MULTI"])
    case .exec: return Self.words(["EXEC"])
    }
  }

  private static func words(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
}

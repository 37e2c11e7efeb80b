import Base
import Testing
import Wire

/// Invalid bytes in pieces of every size: the decoder's result does not depend on the cuts, and it requests no more
/// room than a request may take.
@Suite("RESP requests, fuzzed")
struct RESPFuzzTests {
  @Test("pipelines with a few wounds", arguments: 0..<120 as Range<UInt64>)
  func wounded(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bytes = (0..<random.pick(1...5)).flatMap { _ in Self.request(&random) }
    for _ in 0..<random.pick(0...3) { Self.wound(&bytes, &random) }
    check(bytes, &random, "seed \(seed)")
  }

  @Test("noise made of what requests are made of", arguments: 0..<120 as Range<UInt64>)
  func noise(seed: UInt64) {
    var random = SplitMix64(seed: ~seed)
    let alphabet = Array("*$\r\n\r\n0123-1 \"'\\x:ABab\0".utf8)
    let bytes = (0..<random.pick(1...200)).map { _ in
      random.chance(perMille: 950) ? alphabet[random.pick(0...alphabet.count - 1)] : UInt8(random.pick(0...255))
    }
    check(bytes, &random, "seed \(seed)")
  }

  @Test("the fuzz makes requests, errors and bodies, not only one of them")
  func census() {
    var (requests, errors, bodies, halves) = (0, 0, 0, 0)
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      var bytes = (0..<random.pick(1...5)).flatMap { _ in Self.request(&random) }
      for _ in 0..<random.pick(0...3) { Self.wound(&bytes, &random) }
      let reader = RESPReader(gatheredBytesMax: 16)
      reader.feed(bytes)
      requests += reader.seen.count - (reader.isClosed ? 1 : 0)
      errors += reader.isClosed ? 1 : 0
      bodies += reader.reportedBodies
      halves += reader.isClosed || reader.isBetweenRequests ? 0 : 1
    }
    #expect(requests > 300 && errors > 50 && bodies > 50 && halves > 20)
  }

  // MARK: Checking

  private func check(_ bytes: [UInt8], _ random: inout SplitMix64, _ what: String) {
    for takesBodies in [true, false] {
      let whole = RESPReader(gatheredBytesMax: 16, takesBodies: takesBodies)
      whole.feed(bytes)
      #expect(whole.wantedBytesMax <= Limits.respRequestBytesMax, "\(what)")
      for split in 0...bytes.count {
        let reader = RESPReader(gatheredBytesMax: 16, takesBodies: takesBodies)
        reader.feed(bytes[..<split])
        reader.feed(bytes[split...])
        guard reader.seen == whole.seen else {
          Issue.record("\(what): cut at \(split) of \(bytes.count) it is another: \(bytes)")
          return
        }
      }
      for _ in 0..<8 {
        let reader = RESPReader(gatheredBytesMax: 16, takesBodies: takesBodies)
        var rest = bytes[...]
        while !rest.isEmpty {
          let piece = rest.prefix(random.pick(1...random.pick(1...40)))
          reader.feed(piece)
          rest = rest.dropFirst(piece.count)
        }
        #expect(reader.seen == whole.seen, "\(what), in pieces: \(bytes)")
      }
    }
  }

  // MARK: Making

  private static func request(_ random: inout SplitMix64) -> [UInt8] {
    switch random.pick(0...9) {
    case 0: return Array("*0\r\n".utf8)
    case 1: return Array("  set k 'a b' \"\\x41\" \r\n".utf8)
    default:
      let words = (0..<random.pick(1...5)).map { _ -> [UInt8] in
        // Above 16 they are bodies.
        let length = random.pick(0...(random.chance(perMille: 200) ? 60 : 6))
        return (0..<length).map { _ in UInt8(random.pick(0...255)) }
      }
      return respBytes([Array("SET".utf8)] + words)
    }
  }

  /// Changes, drops, doubles or adds a few bytes, or claims a wrong length.
  private static func wound(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard bytes.count > 1 else { return }
    let place = random.pick(0...bytes.count - 1)
    let end = min(bytes.count, place + random.pick(1...6))
    switch random.pick(0...5) {
    case 0: bytes[place] = UInt8(random.pick(0...255))
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 3: bytes.insert(UInt8(random.pick(0...255)), at: place)
    case 4: bytes.removeSubrange(end...)
    default:
      let claims = ["$2147483647\r\n", "*2147483647\r\n", "$-1\r\n", "$4194305\r\n", "*3\r\n$2147483648\r\n"]
      bytes.insert(contentsOf: claims[random.pick(0...claims.count - 1)].utf8, at: place)
    }
  }
}

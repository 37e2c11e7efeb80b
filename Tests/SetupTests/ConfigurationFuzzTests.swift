import Base
import Testing

@testable import Setup

/// Whatever a file holds, it is read or refused in one line, and nothing else happens.
struct ConfigurationFuzzTests {
  private static let seeds = [
    ConfigurationFileTests.engines + "server:\n  lease: 7\n  disk: [/a, \"/b\"]\n",
    "memory: 40GiB\nlog_level: debug # why\nhost: '::'\npeer_allow:\n- 10.0.0.0/8\n- !!str 192.168.1.5\n",
    "%YAML 1.1\n---\n? port\n: |-\n  80\n&a lease: >+\n  3\n\n...\n",
    "{\"port\": 80, 'host': \"\\u0061\\x41\\\n b\", lease: }\n",
  ]
  private static let pieces = [
    ":", "- ", "[", "]", "{", "}", "&a ", "*a", "!", "!!int ", "\"", "'", "|", ">", "\n", "\n  ", "\t", "#", "? ", "%",
    "---\n", "...\n", "\0", "\u{85}", "\u{FEFF}", "server:", "<<: *a", "~", ",", "\\", "\r",
  ]

  private static func mutated(_ text: String, _ random: inout SplitMix64) -> [UInt8] {
    var bytes = Array(text.utf8)
    for _ in 0...Int(random.next() % 4) {
      let place = Int(random.next() % UInt64(bytes.count + 1))
      switch random.next() % 5 {
      case 0: bytes.insert(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))].utf8, at: place)
      case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 20)))
      case 3:
        let other = Array(seeds[Int(random.next() % UInt64(seeds.count))].utf8)
        bytes.insert(contentsOf: other.suffix(Int(random.next() % 60)), at: place)
      default: bytes = Array(bytes.prefix(place))
      }
    }
    return bytes
  }

  @Test func noFileDoesMoreThanThat() {
    var random = SplitMix64(seed: 15)
    var (readCount, refusedCount) = (0, 0)
    for round in 0..<4000 {
      let bytes = Self.mutated(Self.seeds[round % Self.seeds.count], &random)
      do throws(OptionFailure) {
        let file = try ConfigurationFile(path: "/f", bytes: bytes)
        readCount += 1
        for (flag, setting) in file.settings { #expect(setting.origin.isFile && setting.flag == flag) }
      } catch {
        refusedCount += 1
        #expect(error.message.wholeMatch(of: /\/f:[0-9]+: [^\n\r]{1,400}/) != nil, "\(error.message)")
      }
    }
    #expect(readCount > 300 && refusedCount > 300, "\(readCount) read, \(refusedCount) refused")
  }
}

import Base
import CHiredis
import Store

/// What another registry is told of a key.
enum News {
  case here
  case gone

  /// Nil where the change concerns no key that engines ask for.
  init?(_ change: Change, keyLength: Int) {
    guard change.kind == .withMeta, keyLength <= Limits.keyBytesMax else { return nil }
    switch change.event {
    case .published, .replaced: self = .here
    case .removed, .evicted, .expired, .flushed, .missed: self = .gone
    }
  }
}

/// Commands to another registry, one for each key whose news is told, and how many replies they will have.
struct Announcement {
  /// Deletes an entry only while it names this server: an engine may have entered itself since.
  private static let withdrawal = Array(
    "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0".utf8)

  let address: [UInt8]
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  init(address: [UInt8]) { self.address = address }

  mutating func add(_ news: News, _ key: ArraySlice<UInt8>) {
    switch news {
    case .here: add([Array("SET".utf8), Array(key), address])
    case .gone: add([Array("EVAL".utf8), Self.withdrawal, [UInt8(ascii: "1")], Array(key), address])
    }
  }

  mutating func add(_ words: [[UInt8]]) {
    let joined = words.flatMap { $0 }
    var lengths = words.map(\.count)
    var command: UnsafeMutablePointer<CChar>?
    let length = joined.withUnsafeBytes { joined in
      var start = joined.baseAddress
      var pointers = words.map { word -> UnsafePointer<CChar>? in
        defer { start = start.map { $0 + word.count } }
        return start?.assumingMemoryBound(to: CChar.self)
      }
      return redisFormatCommandArgv(&command, Int32(words.count), &pointers, &lengths)
    }
    guard length > 0, let command else { preconditionFailure("out of memory for a command") }
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: command, count: Int(length)))
    redisFreeCommand(command)
    count += 1
  }

  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    count = 0
  }
}

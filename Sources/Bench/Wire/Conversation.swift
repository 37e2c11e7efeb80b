import Wire

/// One command in one dialect, as data: the bytes to send for each key and the replies to expect.
/// Both dialects are walked by the same loop, which therefore costs both the same.
/// What it points to lives as long as the process.
struct Conversation {
  /// Requests (for PUT: what comes before the body) of equal length, one after the other.
  let requests: UnsafeRawBufferPointer
  let requestBytes: Int
  /// The reply when all is well; then a body of `replyBodyBytes`.
  let hit: UnsafeRawBufferPointer
  /// The reply when the key is not there.
  let miss: UnsafeRawBufferPointer
  var replyBodyBytes = 0
  /// What follows the body of a PUT.
  var bodyEnd = UnsafeRawBufferPointer(start: nil, count: 0)
  /// False where a whole batch is answered once: PUT of `lm`, by the EXIST at its end.
  var repliesToEach = true

  /// Four bytes tell the replies apart.
  var hitStart: UInt32 { hit.loadUnaligned(as: UInt32.self) }
  var missStart: UInt32 { miss.loadUnaligned(as: UInt32.self) }

  func request(_ index: Int, count: Int = 1) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: requests[index * requestBytes..<(index + count) * requestBytes])
  }
}

extension Conversation {
  static func exist(_ dialect: Dialect, keys: Range<Int>) -> Conversation {
    switch dialect {
    case .lm:
      make(keys, hit: LMHeader.found, miss: LMHeader.absent) { LMHeader.request(.exist, key: $0, valueBytes: 0) }
    case .memcached: preconditionFailure("refused when the target is read")
    case .redis:
      make(keys, hit: RESPText.one, miss: RESPText.zero) { RESPText.request(["EXISTS", $0]) }
    }
  }

  static func get(_ dialect: Dialect, keys: Range<Int>, valueBytes: Int) -> Conversation {
    var conversation: Conversation
    switch dialect {
    case .lm:
      conversation = make(keys, hit: LMHeader.value(bytes: valueBytes), miss: LMHeader.absent) {
        LMHeader.request(.get, key: $0, valueBytes: 0)
      }
      conversation.replyBodyBytes = valueBytes
    case .memcached: preconditionFailure("refused when the target is read")
    case .redis:
      conversation = make(keys, hit: RESPText.valueHead(bytes: valueBytes), miss: RESPText.absent) {
        RESPText.request(["GET", $0])
      }
      conversation.replyBodyBytes = valueBytes + RESPText.lineEnd.count
    }
    return conversation
  }

  static func put(_ dialect: Dialect, keys: Range<Int>, valueBytes: Int) -> Conversation {
    var conversation: Conversation
    switch dialect {
    case .lm:
      conversation = make(keys, hit: LMHeader.found, miss: LMHeader.absent) {
        LMHeader.request(.put, key: $0, valueBytes: valueBytes)
      }
      conversation.repliesToEach = false
    case .memcached: preconditionFailure("refused when the target is read")
    case .redis:
      // A SET that is refused has no "miss": its reply is an error, and unexpected.
      conversation = make(keys, hit: RESPText.done, miss: RESPText.done) {
        RESPText.setHead(key: $0, valueBytes: valueBytes)
      }
      conversation.bodyEnd = lasting(RESPText.lineEnd)
    }
    return conversation
  }

  private static func make(
    _ keys: Range<Int>, hit: [UInt8], miss: [UInt8], request: (String) -> [UInt8]
  ) -> Conversation {
    var requests: [UInt8] = []
    for number in keys { requests += request(key(number)) }
    return Conversation(
      requests: lasting(requests), requestBytes: requests.count / keys.count, hit: lasting(hit), miss: lasting(miss))
  }

  private static func lasting(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(copy)
  }

  /// Shaped like an engine's key; the fourth field is the number in hex, of fixed width.
  private static func key(_ number: Int) -> String {
    let hex = String(number, radix: 16)
    return "bench@1@0@" + String(repeating: "0", count: 16 - hex.count) + hex + "@bfloat16"
  }
}

/// One operation on values of one shape in one dialect, as data: the bytes to send and the replies to expect. The same
/// loop works through all dialects, so it costs all of them the same. The buffers are never freed.
struct Phrase: @unchecked Sendable {
  /// The request; of a PUT the part before the body. The hash is filled in at `digitsOffset`.
  let request: UnsafeRawBufferPointer
  let digitsOffset: Int
  let requestBodyBytes: Int
  /// The bytes behind the body of a request.
  let requestEnd: UnsafeRawBufferPointer
  /// The reply for success; a body of `replyBodyBytes` and `replyEndBytes` follows it.
  let hit: UnsafeRawBufferPointer
  /// The reply for a missing key.
  let miss: UnsafeRawBufferPointer
  let replyBodyBytes: Int
  let replyEndBytes: Int
  /// False for PUT of `lm`, which is known to be over when a later request on the connection is answered.
  let isAnswered: Bool

  static let digitsCount = 16
  static let digitsPlaceholder = "################"

  init(
    request: [UInt8], requestBodyBytes: Int = 0, requestEnd: [UInt8] = [], hit: [UInt8], miss: [UInt8],
    replyBodyBytes: Int = 0, replyEndBytes: Int = 0, isAnswered: Bool = true
  ) {
    guard let digits = request.firstRange(of: Array(Self.digitsPlaceholder.utf8)) else {
      preconditionFailure("a request names its key")
    }
    self.request = Self.lasting(request)
    digitsOffset = digits.lowerBound
    self.requestBodyBytes = requestBodyBytes
    self.requestEnd = Self.lasting(requestEnd)
    self.hit = Self.lasting(hit)
    self.miss = Self.lasting(miss)
    self.replyBodyBytes = replyBodyBytes
    self.replyEndBytes = replyEndBytes
    self.isAnswered = isAnswered
  }

  /// Writes the request for a key; returns its length.
  @inline(__always)
  func compose(digits: UInt64, at output: UnsafeMutableRawPointer) -> Int {
    output.copyMemory(from: request.baseAddress!, byteCount: request.count)
    var left = digits
    for position in stride(from: Self.digitsCount - 1, through: 0, by: -1) {
      let digit = UInt8(truncatingIfNeeded: left & 15)
      let letter = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
      output.storeBytes(of: letter, toByteOffset: digitsOffset + position, as: UInt8.self)
      left >>= 4
    }
    return request.count
  }

  private static func lasting(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    copy.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(copy)
  }
}

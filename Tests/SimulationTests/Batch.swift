import Base
import Glibc
import Wire

/// A reply that a client waits for, and what the client knew when it asked.
struct Awaited {
  enum Question {
    case health
    case exist(KeyRecord)
    case get(KeyRecord)
    case list
    /// A key without any value.
    case nothing

    var name: String {
      switch self {
      case .health: "HEALTH"
      case .exist(let key): "EXIST of key \(key.number)"
      case .get(let key): "GET of key \(key.number)"
      case .list: "LIST"
      case .nothing: "nothing"
      }
    }
  }

  var question: Question
  var askedAt: UInt64
  /// The version known to be visible, and the promise in force.
  var publishedVersion = 0
  var settledVersion = 0
  var promise: KeyRecord.Promise?
  /// The GETs of the key sent so far, with this one.
  var getsSent = 0
  /// The EXISTs of the key answered so far.
  var asksAnswered = 0
  /// The GETs before this one, if all were answered.
  var getsSettled: Int?
  /// Of LIST: the keys known to be visible.
  var visibleKeys: [KeyRecord] = []
  /// The number of the connection's PUTs before this request.
  var putsBefore: Int
}

/// A PUT on a connection, and its end in the stream of bytes.
struct SentPut {
  var key: KeyRecord
  var version: Int
  var end: Int
  /// The number of requests with a reply before it in the batch.
  var awaitedBefore: Int
}

/// Requests that are sent one behind the other, and the replies to expect.
final class Batch: @unchecked Sendable {
  private(set) var bytes: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  var awaited: [Awaited] = []
  var puts: [SentPut] = []
  /// The client closes after sending, or after receiving, this many bytes.
  var sendCut: Int?
  var receiveCut: Int?
  /// The client sends nothing more after it, and reads on.
  var halfCloses = false
  /// Sends the last byte of a PUT only when all requests before it are answered.
  var holdsBodies = false
  /// The progress of the receiving half.
  var repliesReceived = 0
  var isOver = false
  var sending = Pace()
  var receiving = Pace()

  init() { bytes = .allocate(byteCount: 4096, alignment: 8) }

  deinit { bytes.deallocate() }

  func append(_ command: LMCommand, length: Int = 0, meta: ObjectMeta? = nil, key: [UInt8], _ generation: LMGeneration)
  {
    reserve(generation.requestBytes)
    let room = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
    var output = OutputRawSpan(buffer: room, initializedCount: 0)
    LMCodec.encodeRequest(
      command, length: length, meta: meta, key: key.span.bytes, generation: generation, into: &output)
    count += output.finalize(for: room)
  }

  func append(_ body: UnsafeRawPointer, count length: Int) {
    reserve(length)
    memcpy(bytes.baseAddress! + count, body, length)
    count += length
  }

  func append(_ more: [UInt8]) {
    more.withUnsafeBytes { if let base = $0.baseAddress { append(base, count: $0.count) } }
  }

  private func reserve(_ more: Int) {
    guard count + more > bytes.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * bytes.count, count + more), alignment: 8)
    memcpy(larger.baseAddress!, bytes.baseAddress!, count)
    bytes.deallocate()
    bytes = larger
  }
}

/// The pace at which a client moves its bytes.
struct Pace {
  var pieceBytesMax = Int.max
  /// One pause in about so many pieces; 0 never.
  var restEvery = 0
  var restNanosecondsMax = 0

  /// Pauses before most of its reads.
  static let slow = Pace(pieceBytesMax: 131_072, restEvery: 3, restNanosecondsMax: 300_000_000)

  static func draw(from random: inout SplitMix64, bytes: Int) -> Pace {
    var pace = Pace()
    if random.chance(perMille: 500) {
      // Byte by byte only for small batches.
      let least = max(1, bytes / 300)
      pace.pieceBytesMax = max(least, [1, 7, 100, 5000, 65_536, 262_144].randomElement(using: &random)!)
    }
    if random.chance(perMille: 300) {
      pace.restEvery = random.pick(1...40)
      pace.restNanosecondsMax = [
        100_000, 5_000_000, 300_000_000, 2_000_000_000,
      ].randomElement(using: &random)!
      if random.chance(perMille: 60) {
        pace.restNanosecondsMax = [26_000_000_000, 130_000_000_000].randomElement(using: &random)!
      }
      if pace.restNanosecondsMax > 1_000_000_000 { pace.restEvery = max(10, pace.restEvery) }
    }
    return pace
  }
}

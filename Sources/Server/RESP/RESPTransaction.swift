import Base
import Glibc
import Store

/// What came since MULTI: the requests in their wire form, and the values that were received for them.
struct RESPTransaction: ~Copyable {
  private(set) var count = 0
  private var requests: [UInt8] = []
  /// Of the requests that wait.
  var bodies = RESPBodies()
  private var requestBytes = 0
  private var booking: Booking

  init(store: Store) { booking = Booking(store: store) }

  mutating func clear() {
    count = 0
    (requests, requestBytes) = ([], 0)
    bodies.removeAll()
    _ = book()
  }

  /// Whether so many bytes more may be queued.
  mutating func admit(_ bytes: Int) -> Bool {
    guard requestBytes + bytes <= Limits.respTransactionBytesMax else { return false }
    requestBytes += bytes
    return true
  }

  /// Books what the requests take. False when the budget has no room for it.
  mutating func book() -> Bool { booking.change(to: requests.capacity + bodies.byteCount) }

  // MARK: Requests

  mutating func beginRequest(arguments: Int) {
    count += 1
    requests += "*\(arguments)\r\n".utf8
  }

  mutating func append(_ argument: UnsafeRawBufferPointer) {
    requests += "$\(argument.count)\r\n".utf8
    requests += argument
    requests += [0x0D, 0x0A]
  }

  /// An argument whose bytes lie elsewhere.
  mutating func append(_ body: consuming RESPBody) {
    requests += "$\(body.length)\r\n\r\n".utf8
    var body = body
    body.request = count
    bodies.append(body)
  }

  /// The requests, to be executed: nothing more is queued.
  mutating func takeRequests() -> [UInt8] {
    let taken = requests
    requests = []
    return taken
  }
}

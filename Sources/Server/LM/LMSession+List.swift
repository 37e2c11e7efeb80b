import Base
import Glibc
import IO
import Store
import Wire

/// LIST: the keys, joined by LF, within a bound. A tool for people; engines do not use it.
extension LMSession {
  func list(arrived: UInt64) async throws(SessionEnd) {
    guard let keys = await joinedKeys() else {
      worker.metrics.requests.add(.listTooLarge)
      return try await reply(.empty(found: false))
    }
    worker.metrics.requests.add(.listServed)
    try await reply(LMReplyHeader(code: .success, length: keys.count, meta: .lmFiller))
    do {
      try await connection.sendAll(keys)
    } catch {
      throw SessionEnd(sending: error)
    }
    worker.metrics.record(.list, nanoseconds: loop.now - arrived)
  }

  /// Nil when the keys are longer than a LIST may be.
  private func joinedKeys() async -> [UInt8]? {
    var keys: [UInt8] = []
    for stripe in 0..<Lane.stripeCount {
      lane.forEachKey(stripe: stripe, kind: kind) { key in
        if !keys.isEmpty { keys.append(UInt8(ascii: "\n")) }
        key.withUnsafeBytes { keys.append(contentsOf: $0) }
      }
      if keys.count > Limits.listBytesMax { return nil }
      await loop.bulkTurn(bytes: Limits.sliceBytes)
    }
    return keys
  }
}

import Base
import Glibc
import IO
import Store
import Wire

/// LIST: the keys, joined by LF, within a bound. A tool for people; engines do not use it.
extension LMSession {
  func list() async throws(SessionEnd) {
    // The answers to what came before do not wait while the keys are gathered.
    try await flush()
    // Room for what is published while the keys are gathered.
    let keyBytes = lane.keyBytes() + lane.keyCount()
    let room = keyBytes + keyBytes / 8 + Limits.pageBytes
    // Lists of clients that do not read must not add up: the bound is for all of them together. It lies beside the
    // budget, for no chunk should go because a client looks at its name.
    guard worker.server.beginList(bytes: room) else { return try await refuseList() }
    let keys = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
    defer {
      keys.deallocate()
      worker.server.endList(bytes: room)
    }
    guard let count = await joinKeys(in: keys) else { return try await refuseList() }
    worker.metrics.requests.add(.listServed)
    try await reply(LMReplyHeader(code: .success, length: count, meta: .lmFiller))
    connection.outbox.append(inPlace: UnsafeMutableRawBufferPointer(rebasing: keys[..<count]))
    try await flush()
    worker.metrics.record(.list, nanoseconds: elapsed)
  }

  private func refuseList() async throws(SessionEnd) {
    worker.metrics.requests.add(.listTooLarge)
    try await reply(.empty(found: false))
  }

  /// How many bytes they take; nil when there are too many.
  private func joinKeys(in room: UnsafeMutableRawBufferPointer) async -> Int? {
    var count = 0
    for stripe in 0..<Lane.stripeCount {
      var isFull = false
      lane.forEachKey(stripe: stripe, kind: kind, now: loop.now) { key in
        guard !isFull, count + 1 + key.byteCount <= room.count else {
          isFull = true
          return
        }
        if count > 0 {
          room[count] = UInt8(ascii: "\n")
          count += 1
        }
        key.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: $0) }
        count += key.byteCount
      }
      if isFull { return nil }
      await loop.bulkTurn(bytes: Limits.sliceBytes)
    }
    return count
  }
}

import Base
import Objects
import Store
import IO
import Wire
import Tier

/// SCAN, KEYS, DBSIZE, FLUSHDB, FLUSHALL.
extension RESPSession {
  private struct ScanOptions {
    var pattern: RESPPattern?
    var count = 10
    /// TYPE of something that is never held here.
    var isVain = false
  }

  /// Names in the form of a reply.
  private struct Names {
    var count = 0
    var bytes: [UInt8] = []

    mutating func append(_ name: UnsafeRawBufferPointer) {
      count += 1
      bytes += "$\(name.count)\r\n".utf8
      bytes += name
      bytes += [0x0D, 0x0A]
    }
  }

  /// Names as one step of a scan showed them. They are copied while their stripe is locked, and matched afterwards.
  private struct Seen {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    var byteCount: Int { bytes.capacity + ends.capacity * MemoryLayout<Int>.stride }

    mutating func append(_ name: RawSpan) {
      name.withUnsafeBytes { bytes += $0 }
      ends.append(bytes.count)
    }
  }

  func scan() async throws(SessionEnd) {
    guard let cursor = scanCursor() else { return reply(error: "ERR invalid cursor") }
    guard let options = scanOptions() else { return }
    var seen = Seen()
    let next = lane.scan(
      from: cursor, count: options.count, bytesMax: Limits.respScanBytesMax, now: loop.now
    ) { seen.append($0) }
    var names = Names()
    var booking = Booking(store: worker.store)
    try book(seen, names, &booking)
    if !options.isVain { try await select(from: seen, options.pattern, into: &names) }
    reply { $0.array(2, into: &$1) }
    reply(bulk: "\(next)")
    reply(names)
  }

  /// Those that match. A long try lets others' requests in between.
  private func select(
    from seen: Seen, _ pattern: RESPPattern?, into names: inout Names
  ) async throws(SessionEnd) {
    var steps = Limits.respMatchStepsPerTurn
    var start = 0
    for end in seen.ends {
      var progress = RESPPattern.Progress()
      while true {
        let isSelected = seen.bytes.withUnsafeBytes { bytes -> Bool? in
          let name = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
          guard let isMatch = pattern.map({ $0.matches(name, &progress, steps: &steps) }) ?? true else { return nil }
          if isMatch, isVisible(name, steps: &steps) { names.append(name) }
          return isMatch
        }
        if isSelected != nil { break }
        try await letOthersIn()
        steps = Limits.respMatchStepsPerTurn
      }
      start = end
    }
  }

  /// What a search holds while others are let in. All that it has seen may match.
  private func book(_ seen: Seen, _ names: Names, _ booking: inout Booking) throws(SessionEnd) {
    guard booking.change(to: names.bytes.capacity + 2 * seen.byteCount) else { throw SessionEnd(Refusal.budgetSpent) }
  }

  /// And sees whether the client still waits for the answer.
  private func letOthersIn() async throws(SessionEnd) {
    await loop.bulkTurn(bytes: Limits.sliceBytes)
    if let writeFailure { throw writeFailure }
    if worker.isClosing { throw SessionEnd(Refusal.transferFailed) }
  }

  /// DBSIZE. Who may reach some keys counts those.
  func databaseSize() async throws(SessionEnd) {
    guard !identity.user.reachesAll([]) else { return reply(integer: lane.nameCount()) }
    var booking = Booking(store: worker.store)
    var count = 0
    var cursor: UInt64 = 0
    repeat {
      var (seen, names) = (Seen(), Names())
      cursor = lane.scan(
        from: cursor, count: Limits.respScanCountMax, bytesMax: Limits.respScanBytesMax, now: loop.now
      ) { seen.append($0) }
      try book(seen, names, &booking)
      try await select(from: seen, nil, into: &names)
      count += names.count
      try await letOthersIn()
    } while cursor != 0
    reply(integer: count)
  }

  private static var patternTooLong: StaticString { "ERR a pattern has up to 1024 bytes here" }

  /// Everything in one reply, within what LISTs may hold together.
  func keys() async throws(SessionEnd) {
    let pattern = RESPPattern(bytes: argument(1))
    guard !pattern.isTooLong else { return reply(error: Self.patternTooLong) }
    var names = Names()
    var booking = Booking(store: worker.store)
    var held = 0
    defer { worker.server.endList(bytes: held) }
    var cursor: UInt64 = 0
    repeat {
      var seen = Seen()
      cursor = lane.scan(
        from: cursor, count: Limits.respScanCountMax, bytesMax: Limits.respScanBytesMax, now: loop.now
      ) { seen.append($0) }
      try book(seen, names, &booking)
      try await select(from: seen, pattern, into: &names)
      guard worker.server.beginList(bytes: names.bytes.count - held) else {
        return reply(error: "ERR too many keys for one reply, use SCAN")
      }
      held = names.bytes.count
      try await letOthersIn()
    } while cursor != 0
    reply(names)
    // Until they are on their way they count.
    try await awaitRoom()
  }

  private func reply(_ names: Names) {
    reply { $0.array(names.count, into: &$1) }
    names.bytes.withUnsafeBytes { connection.outbox.append($0) }
  }

  /// As C's strtoul reads it, which takes nothing for zero.
  private func scanCursor() -> UInt64? {
    let word = argument(1)
    if word.isEmpty { return 0 }
    let digits = word[0] == UInt8(ascii: "+") ? UnsafeRawBufferPointer(rebasing: word[1...]) : word
    guard (1...20).contains(digits.count) else { return nil }
    var value: UInt64 = 0
    for byte in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooLarge) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !tooMany, !tooLarge else { return nil }
      value = sum
    }
    return value
  }

  /// Nil: the error is said already.
  private func scanOptions() -> ScanOptions? {
    guard hasFewOptions(from: 2) else { return nil }
    var options = ScanOptions()
    var index = 2
    while index < argumentCount {
      let word = argument(index)
      guard index + 1 < argumentCount else {
        reply(error: "ERR syntax error")
        return nil
      }
      if word.isWord("count") {
        guard let count = number(index + 1) else {
          reply(error: "ERR value is not an integer or out of range")
          return nil
        }
        guard count > 0 else {
          reply(error: "ERR syntax error")
          return nil
        }
        options.count = min(count, Limits.respScanCountMax)
      } else if word.isWord("match") {
        let pattern = RESPPattern(bytes: argument(index + 1))
        guard !pattern.isTooLong else {
          reply(error: Self.patternTooLong)
          return nil
        }
        options.pattern = pattern
      } else if word.isWord("type") {
        options.isVain = !argument(index + 1).isWord("string")
      } else {
        reply(error: "ERR syntax error")
        return nil
      }
      index += 2
    }
    return options
  }

  // MARK: FLUSH

  func flush() async throws(SessionEnd) {
    guard configuration.allowsFlush else {
      return reply(error: "ERR FLUSHDB and FLUSHALL are off; start the server with --allow-flush")
    }
    // It takes what others stored.
    guard identity.user.reachesAll(.write) else { return refuseKey() }
    guard argumentCount == 1 || argumentCount == 2 && (argument(1).isWord("sync") || argument(1).isWord("async"))
    else { return reply(error: "ERR syntax error") }
    for stripe in 0..<Lane.stripeCount {
      lane.removeAll(stripe: stripe)
      await loop.bulkTurn(bytes: Limits.sliceBytes)
    }
    if let tier = worker.server.tier, await !tier.flush() {
      return reply(error: "ERR memory is empty, but a disk could not be told: look at /readyz, then flush again")
    }
    replyOK()
  }
}

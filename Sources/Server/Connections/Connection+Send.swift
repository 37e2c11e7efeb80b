import Base
import Glibc
import IO
import Store

/// Whether a client takes what is held for it. One that takes hardly anything keeps values from being evicted for as long
/// as it likes, and is let go when others need them.
struct ReaderPace {
  /// When it last had taken `Limits.slowReaderBytes` more.
  private var markedAt: UInt64 = 0
  private var takenSince = 0

  /// There is something to take, after there was nothing.
  mutating func begin(now: UInt64) { (markedAt, takenSince) = (now, 0) }

  mutating func took(_ bytes: Int, now: UInt64) {
    takenSince += bytes
    if takenSince >= Limits.slowReaderBytes { begin(now: now) }
  }

  func isSlow(now: UInt64) -> Bool { now >= markedAt + Limits.slowReaderNanoseconds }
}

/// Replies on their way out: the one place that sends.
extension Connection {
  /// A value behind the replies so far, to be sent from its pages.
  func append(_ pin: consuming Pin) {
    if outbox.pinnedBytes == 0 { pace.begin(now: worker.loop.now) }
    outbox.append(pin)
  }

  /// Sends up to a slice of what waits, once it is its turn. It may be long before the kernel takes something; a client that
  /// does not read is given up after a while.
  /// - Parameter look: is called every now and then while nothing leaves, with the time since the last byte left.
  /// - Returns: how many values have left whole.
  func sendSome(
    by regions: UnsafeMutableBufferPointer<iovec>,
    look: (_ stalledNanoseconds: UInt64) throws(SessionEnd) -> Void = { _ in }
  ) async throws(SessionEnd) -> Int {
    let loop = worker.loop
    // Long text too: while the kernel takes it at once, nothing else makes it wait for others.
    if outbox.valueCount > 0 || outbox.textBytes > Limits.promptBulkBytes {
      await loop.bulkTurn(bytes: min(outbox.textBytes + outbox.valueBytes, Limits.sliceBytes))
    }
    let began = loop.now
    while true {
      // Anew each time: what could be lent at first may have to be copied after a wait.
      let gathered = outbox.gather(into: regions, lends: transport.lends && worker.store.mayLend)
      let sent: Int
      do {
        sent = try await send(gathered, from: regions, deadline: loop.now + Limits.sendTickNanoseconds)
      } catch {
        let stalled = loop.now - began
        guard error == .timedOut, stalled < Limits.sendStallNanoseconds else { throw SessionEnd(sending: error) }
        try letOthersHavePins()
        try look(stalled)
        continue
      }
      let before = outbox.valueCount
      outbox.drop(sent)
      try letOthersHavePins()
      return before - outbox.valueCount
    }
  }

  /// Sends all that waits.
  func flush() async throws(SessionEnd) {
    while !outbox.isEmpty { _ = try await sendSome(by: buffers.regions) }
  }

  /// Sends text that the kernel takes without waiting. Why it takes none a later send tells.
  func sendAtOnce() {
    let text = outbox.gather(into: buffers.regions, lends: false)
    let sent = transport.sendAtOnce(text.count, from: buffers.regions.baseAddress!)
    worker.metrics.bytesSent.add(sent)
    outbox.drop(sent)
  }

  /// Ends a client that takes hardly anything of what is pinned for it, when others miss that.
  private func letOthersHavePins() throws(SessionEnd) {
    guard outbox.pinnedBytes > 0, pace.isSlow(now: worker.loop.now), worker.store.takesPinsBack(now: worker.loop.now)
    else { return }
    throw SessionEnd(.pinsWanted)
  }

  /// Sends some of what these regions name; how many bytes.
  private func send(
    _ gathered: Gathering, from regions: UnsafeMutableBufferPointer<iovec>, deadline: UInt64
  ) async throws(IOFailure) -> Int {
    let sent = try await transport.send(gathered, from: regions.baseAddress!, deadline: deadline)
    worker.metrics.bytesSent.add(sent)
    if gathered.isLent, transport.lends {
      worker.metrics.bytesLent.add(max(0, sent - regions.byteCount(ofFirst: gathered.copied)))
    }
    pace.took(sent, now: worker.loop.now)
    return sent
  }
}

import Base
import Glibc
import IO
import Store
import Synchronization

/// Lets one task of a loop wait for another of the same loop.
struct LoopSignal: ~Copyable {
  private var waiter: UnsafeContinuation<Void, Never>?

  var isAwaited: Bool { waiter != nil }

  /// Called by what is run when the wait begins.
  mutating func arm(_ continuation: UnsafeContinuation<Void, Never>) {
    precondition(waiter == nil, "a signal has one waiter")
    waiter = continuation
  }

  mutating func ring() { waiter.take()?.resume() }
}

/// What of values may wait for one client, and for all RESP clients together.
struct RESPPinBound: ~Copyable {
  private let server: Server
  private let bytesMax: Int
  private let togetherMax: Int
  /// What the others know to be queued for this one.
  private var counted = 0

  init(_ server: Server) {
    self.server = server
    let budgetBytes = server.store.budgetBytes
    bytesMax = min(Limits.respPinnedBytesMax, budgetBytes / 100 * Limits.respPinnedPercentMax)
    togetherMax = budgetBytes / 100 * Limits.respPinnedTogetherPercentMax
  }

  deinit { server.respPinnedBytes.subtract(counted, ordering: .relaxed) }

  /// Tells the others what is queued for this client.
  mutating func count(_ pinned: Int) {
    let change = pinned - counted
    guard change != 0 else { return }
    counted = pinned
    server.respPinnedBytes.add(change, ordering: .relaxed)
  }

  func hasRoom(beside pinned: Int) -> Bool {
    pinned < bytesMax && (pinned == 0 || server.respPinnedBytes.load(ordering: .relaxed) < togetherMax)
  }
}

/// The writer: a task that sends from the front of the outbox, to whose end the reader appends.
extension RESPSession {
  /// A little text that the kernel takes as it is, while the writer has nothing under way, need not wake it.
  func sendAtOnce() {
    guard work.isAwaited, connection.outbox.valueCount == 0, !connection.outbox.isEmpty,
      connection.outbox.textBytes <= Limits.promptBulkBytes
    else { return }
    connection.sendAtOnce()
  }

  func write() async {
    // Not the connection's, by which the reader receives.
    let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: Limits.regionsPerTransfer)
    defer { regions.deallocate() }
    do throws(SessionEnd) {
      while true {
        if connection.outbox.isEmpty {
          if hasReaderEnded { return }
          await withUnsafeContinuation { work.arm($0) }
          continue
        }
        // A client that does not read because it is still sending, while there is no room for more replies, would never
        // read.
        _ = try await connection.sendSome(by: regions) { stalledNanoseconds throws(SessionEnd) in
          lookAfterValues()
          if room.isAwaited, stalledNanoseconds >= Limits.respBacklogNanoseconds { throw SessionEnd(.replyBacklog) }
        }
        countPins()
        lookAfterValues()
        if hasRoom { room.ring() }
      }
    } catch {
      giveUp(error)
    }
  }

  /// Ends the session from the writer's side: the reader wakes up and finds out.
  func giveUp(_ end: SessionEnd) {
    if writeFailure == nil { writeFailure = end }
    connection.transport.abort()
    room.ring()
  }

  // MARK: The bound

  private var hasRoom: Bool {
    connection.outbox.textBytes < Limits.respQueuedTextBytesMax
      && connection.outbox.valueCount < Limits.respQueuedValuesMax
      && pins.hasRoom(beside: connection.outbox.pinnedBytes)
  }

  func countPins() { pins.count(connection.outbox.pinnedBytes) }

  /// Before a reply is appended: a client that reads makes room, and one that does not is given up by the writer.
  func awaitRoom() async throws(SessionEnd) {
    while true {
      if let writeFailure { throw writeFailure }
      guard !connection.outbox.isOverdrawn else { throw SessionEnd(Refusal.budgetSpent) }
      if hasRoom { return }
      work.ring()
      await withUnsafeContinuation { room.arm($0) }
    }
  }
}

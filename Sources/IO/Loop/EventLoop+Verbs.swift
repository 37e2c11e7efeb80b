import Base
import Glibc
import Synchronization

/// The verbs. Each returns when nothing it has submitted is under way any more, whatever happens; a deadline asks the
/// driver to hurry that up.
extension EventLoop {
  package static let never = UInt64.max

  package func accept(_ listener: Int32) async throws(IOFailure) -> Int32 {
    let result = await withUnsafeContinuation { begin(.accept(listener: listener), deadline: Self.never, $0) }
    let descriptor = try IOFailure.check(result)
    driver.configureAccepted(descriptor)
    return descriptor
  }

  package func connect(
    _ descriptor: Int32, to address: UnsafePointer<sockaddr>, addressBytes: socklen_t, deadline: UInt64
  ) async throws(IOFailure) {
    let result = await withUnsafeContinuation {
      begin(.connect(descriptor, address: address, addressBytes: addressBytes), deadline: deadline, $0)
    }
    _ = try IOFailure.check(result)
  }

  /// Returns the count of bytes that arrived; 0 is the peer's end.
  package func receive(
    _ descriptor: Int32, into regions: UnsafeMutablePointer<iovec>, count: Int, options: ReceiveOptions = [],
    deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    let result = await withUnsafeContinuation {
      begin(.receive(descriptor, regions, count: count, options), deadline: deadline, $0)
    }
    return Int(try IOFailure.check(result))
  }

  /// Returns the count of bytes taken, which may be fewer than given. Waits only if the kernel takes none at once.
  package func send(
    _ descriptor: Int32, from regions: UnsafeMutablePointer<iovec>, count: Int, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    preconditionOnLoop()
    if let result = driver.sendAtOnce(descriptor, regions, count: count) { return Int(try IOFailure.check(result)) }
    return try await whenThereIsRoom(.send(descriptor, regions, count: count), deadline: deadline)
  }

  /// As `send`, but takes the pages of the regions behind the first `copied` instead of their bytes where the system lets
  /// it: these must not change until the last reader of the bytes is done, the kernel and the peer among them.
  package func lend(
    _ descriptor: Int32, from regions: UnsafeMutablePointer<iovec>, count: Int, copied: Int, deadline: UInt64 = never
  ) async throws(IOFailure) -> Int {
    precondition(copied < count, "something to lend")
    return try await whenThereIsRoom(.lend(descriptor, regions, count: count, copied: copied), deadline: deadline)
  }

  /// Sends what the kernel takes without a wait, and returns how many bytes that is. A `send` tells why it is none.
  package func sendAtOnce(_ descriptor: Int32, from regions: UnsafeMutablePointer<iovec>, count: Int) -> Int {
    preconditionOnLoop()
    return max(0, Int(driver.sendAtOnce(descriptor, regions, count: count) ?? 0))
  }

  package func sleep(until deadline: UInt64) async {
    let slot = takeSleep(until: deadline)
    _ = await withUnsafeContinuation { slots.slots[Int(slot)].continuation = $0 }
  }

  package func sleep(nanoseconds: UInt64) async {
    preconditionOnLoop()
    await sleep(until: now + min(nanoseconds, Self.never - now))
  }

  /// Sleeps until then, or until `wake` is called with the token that is announced.
  package func sleep(until deadline: UInt64, announce: (UInt64) -> Void) async {
    let slot = takeSleep(until: deadline)
    announce(slots.token(of: slot))
    _ = await withUnsafeContinuation { slots.slots[Int(slot)].continuation = $0 }
  }

  /// Sleeps until the next nudge, but no longer than this.
  package func sleepUntilNudged(nanoseconds: UInt64) async {
    preconditionOnLoop()
    // Without nudges, sleeps that are over would gather here.
    if nudgeable.count >= slots.inUse { nudgeable.removeAll { slots.index(of: $0) == nil } }
    let slot = takeSleep(until: now + min(nanoseconds, Self.never - now))
    nudgeable.append(slots.token(of: slot))
    hasNudgeable.store(true, ordering: .sequentiallyConsistent)
    _ = await withUnsafeContinuation { slots.slots[Int(slot)].continuation = $0 }
  }

  /// A slot that its timer resumes.
  private func takeSleep(until deadline: UInt64) -> Int32 {
    preconditionOnLoop()
    let slot = slots.take()
    slots.slots[Int(slot)].isSleep = true
    timers.add(slot, deadline: deadline, slots: slots.slots)
    return slot
  }

  /// Waits until the loop's bulk queue lets this session move `bytes`. A little that this turn has room for may move
  /// at once while the queue is empty.
  package func bulkTurn(bytes: Int) async {
    preconditionOnLoop()
    precondition(bytes <= Limits.bulkBytesPerTurn, "no turn has room for this")
    if bytes <= Limits.promptBulkBytes, bulk.count == 0, bytes <= bulkShare { return bulkShare -= bytes }
    await withUnsafeContinuation { bulk.append($0, bytes: bytes) }
  }

  /// Lets the loop turn before more of a long piece of work that moves no body. It waits for no body either, only for others
  /// of its kind, of which a turn takes one on: however many there are, what is ready runs between two of their pieces.
  package func nextTurn() async {
    preconditionOnLoop()
    await withUnsafeContinuation { turnWaiters.append($0) }
  }

  /// Has the driver wait for room in a socket, and looks for it from time to time where the driver cannot.
  private func whenThereIsRoom(_ operation: Operation, deadline: UInt64) async throws(IOFailure) -> Int {
    var pauses = Backoff(nanoseconds: Limits.roomPauseNanosecondsMin...Limits.roomPauseNanosecondsMax)
    while true {
      let result = await withUnsafeContinuation { begin(operation, deadline: deadline, $0) }
      guard result == -EAGAIN else { return Int(try IOFailure.check(result)) }
      guard now < deadline else { throw .timedOut }
      await sleep(until: min(deadline, now + pauses.next()))
    }
  }

  /// Hands an operation to the driver; its completion resumes the verb with what came of it.
  func begin(_ operation: Operation, deadline: UInt64, _ continuation: UnsafeContinuation<Int32, Never>) {
    preconditionOnLoop()
    let slot = slots.take()
    if deadline != Self.never { timers.add(slot, deadline: deadline, slots: slots.slots) }
    slots.slots[Int(slot)].continuation = continuation
    driver.submit(operation, token: slots.token(of: slot))
  }
}

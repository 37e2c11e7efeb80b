import Base
import CLinux
import Glibc

/// Moves bytes with ordinary system calls and waits with epoll: for containers that refuse io_uring.
///
/// An operation on a socket is tried at once; when the kernel would block, it waits for an edge on its descriptor. One on a
/// file goes to threads.
package final class EpollDriver: Driver {
  package let kind = DriverKind.epoll

  package var lends: Bool { lender.isWilling }
  package var lendingRefusal: DriverRefusal? { lender.refusal }

  private let epoll: Int32
  private var lender: PageLender
  private let wakeDescriptor = WakeDescriptor()
  private var pending: [PendingOperations] = []
  /// By slot: the descriptor that its operation waits on.
  private var descriptorOfSlot: [Int32] = []
  private var done: [Completion] = []
  /// Made with the first operation on a file.
  private var files: FileThreads?
  /// How they carry it out.
  var callOnFile: @Sendable (Operation) -> Int32 = SystemCalls.performOnFile
  private let events: UnsafeMutableBufferPointer<epoll_event>

  package init(lends: Bool = true) throws(DriverRefusal) {
    lender = PageLender(isAllowed: lends)
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw DriverRefusal(what: "epoll_create1", errno: errno) }
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wakeDescriptor.descriptor))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeDescriptor.descriptor, &event) == 0 else {
      let refusal = DriverRefusal(what: "epoll_ctl", errno: errno)
      Glibc.close(epoll)
      throw refusal
    }
    events = .allocate(capacity: Limits.completionsPerTurn)
    done.reserveCapacity(Limits.completionsPerTurn)
  }

  deinit {
    files?.stop()
    Glibc.close(epoll)
    events.deallocate()
  }

  package func start() {}

  package func now() -> UInt64 { MonotonicClock.now() }

  package func wake() { wakeDescriptor.signal() }

  package func submit(_ operation: Operation, token: UInt64) {
    switch operation {
    case .cancel(let target): cancel(target)
    case .read, .write, .sync:
      let files = self.files ?? FileThreads(wakes: wakeDescriptor, call: callOnFile)
      self.files = files
      files.submit(operation, token: token)
    case .accept(let descriptor), .receive(let descriptor, _, _, _):
      if case .receive(_, _, _, let options) = operation, options.contains(.acknowledge) {
        SocketOptions.acknowledge(descriptor)
      }
      guard watch(descriptor, for: token) else { return }
      precondition(pending[Int(descriptor)].reading == nil, "one reader a descriptor")
      if !attempt(operation, token: token) {
        pending[Int(descriptor)].reading = .init(operation: operation, token: token)
        remember(descriptor, token: token)
      }
    case .send(let descriptor, _, _), .lend(let descriptor, _, _, _), .connect(let descriptor, _, _):
      guard watch(descriptor, for: token) else { return }
      precondition(pending[Int(descriptor)].writing == nil, "one writer a descriptor")
      if !attempt(operation, token: token) {
        pending[Int(descriptor)].writing = .init(operation: operation, token: token)
        remember(descriptor, token: token)
      }
    }
  }

  package func wait(until deadline: UInt64, into completions: UnsafeMutableBufferPointer<Completion>) -> Int {
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout(until: deadline))
    // Interruptions mean "look again": the loop turns anyway.
    for position in 0..<Int(max(count, 0)) { handle(events[position]) }
    let delivered = min(done.count, completions.count)
    for position in 0..<delivered { completions[position] = done[position] }
    done.removeFirst(delivered)
    return delivered
  }

  package func makeSocket(family: Int32) -> Int32? { SocketOptions.makeSocket(family: family) }

  package func configureAccepted(_ descriptor: Int32) { SocketOptions.configureAccepted(descriptor) }
  package func limitUnsent(_ descriptor: Int32, bytes: Int) { SocketOptions.limitUnsent(descriptor, bytes: bytes) }

  package func shutdown(_ descriptor: Int32, _ direction: Direction) {
    Glibc.shutdown(descriptor, direction.number)
  }

  package func release(_ descriptor: Int32) {
    guard Int(descriptor) < pending.count, pending[Int(descriptor)].isWatched else { return }
    precondition(
      pending[Int(descriptor)].reading == nil && pending[Int(descriptor)].writing == nil,
      "released while an operation is pending")
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    pending[Int(descriptor)] = PendingOperations()
  }

  package func close(_ descriptor: Int32) {
    release(descriptor)
    Glibc.close(descriptor)
  }

  // MARK: Trying

  /// Runs the operation now; false when the kernel would block.
  private func attempt(_ operation: Operation, token: UInt64) -> Bool {
    guard let result = lender.perform(operation) else { return false }
    done.append(Completion(token: token, result: result))
    return true
  }

  private func handle(_ event: epoll_event) {
    let descriptor = Int(event.data.fd)
    if descriptor == Int(wakeDescriptor.descriptor) {
      wakeDescriptor.drain()
      // After the drain: a completion that comes later signals again.
      files?.takeDone(into: &done)
      return
    }
    let ended = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    if ended || event.events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0,
      let waiting = pending[descriptor].reading, attempt(waiting.operation, token: waiting.token)
    {
      pending[descriptor].reading = nil
    }
    if ended || event.events & EPOLLOUT.rawValue != 0, let waiting = pending[descriptor].writing {
      if case .connect = waiting.operation {
        done.append(Completion(token: waiting.token, result: SystemCalls.connectResult(Int32(descriptor))))
        pending[descriptor].writing = nil
      } else if attempt(waiting.operation, token: waiting.token) {
        pending[descriptor].writing = nil
      }
    }
  }

  /// Where nothing waits any more, the operation has completed meanwhile, and that completion is what its verb gets.
  private func cancel(_ token: UInt64) {
    if removeWaiting(token) || files?.cancel(token) == true {
      done.append(Completion(token: token, result: -ECANCELED))
    }
  }

  private func removeWaiting(_ token: UInt64) -> Bool {
    let slot = Int(UInt32(truncatingIfNeeded: token))
    guard slot < descriptorOfSlot.count else { return false }
    let descriptor = Int(descriptorOfSlot[slot])
    if pending[descriptor].reading?.token == token {
      pending[descriptor].reading = nil
    } else if pending[descriptor].writing?.token == token {
      pending[descriptor].writing = nil
    } else {
      return false
    }
    return true
  }

  private func remember(_ descriptor: Int32, token: UInt64) {
    let slot = Int(UInt32(truncatingIfNeeded: token))
    while descriptorOfSlot.count <= slot { descriptorOfSlot.append(0) }
    descriptorOfSlot[slot] = descriptor
  }

  /// False when the system has no memory for another watched descriptor, or the user may not watch more: the operation has
  /// failed then.
  private func watch(_ descriptor: Int32, for token: UInt64) -> Bool {
    while pending.count <= Int(descriptor) { pending.append(PendingOperations()) }
    guard !pending[Int(descriptor)].isWatched else { return true }
    SystemCalls.makeNonBlocking(descriptor)
    let wanted = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    var event = epoll_event(events: wanted, data: epoll_data_t(fd: descriptor))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
      let number = errno
      precondition(number == ENOMEM || number == ENOSPC, "epoll_ctl failed with errno \(number)")
      // Both are a want of memory: ENOSPC here is no full disk.
      done.append(Completion(token: token, result: -ENOMEM))
      return false
    }
    pending[Int(descriptor)].isWatched = true
    return true
  }

  private func timeout(until deadline: UInt64) -> Int32 {
    guard done.isEmpty else { return 0 }
    let time = now()
    guard deadline > time else { return 0 }
    // Rounded up, so that a deadline is not polled for in a spin.
    return Int32(min((deadline - time + 999_999) / 1_000_000, 60_000))
  }
}

/// What waits on one descriptor until it becomes readable or writable.
private struct PendingOperations {
  struct Waiting {
    var operation: Operation
    var token: UInt64
  }

  var reading: Waiting?
  var writing: Waiting?
  var isWatched = false
}

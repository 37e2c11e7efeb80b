import Base
import CLiburing
import Glibc

/// Accepts, connects, receives and works on files through io_uring: one submission and one wait a turn, whatever the turn
/// did. Bytes are sent by plain calls; the ring tells when a full socket has room.
package final class UringDriver: Driver {
  package let kind = DriverKind.uring
  /// Which set-up flags the kernel took.
  package let flags: String
  package var lends: Bool { lender.isWilling }
  package var lendingRefusal: DriverRefusal? { lender.refusal }

  private let ring: UnsafeMutablePointer<io_uring>
  /// One message header a slot: it must live until the kernel has read it.
  private let messages: UnsafeMutablePointer<msghdr>
  private let verbsMax: Int
  private var lender: PageLender
  /// By slot: what is to be sent or lent as soon as its socket has room.
  private let postponed: UnsafeMutablePointer<Operation>
  /// Ended without the ring.
  private var done: [Completion] = []
  private let finished: UnsafeMutableBufferPointer<UnsafeMutablePointer<io_uring_cqe>?>
  private let wakeDescriptor = WakeDescriptor()
  private let wakeCount = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

  /// Completions that belong to no verb.
  private static let ignoredToken = UInt64.max
  private static let wakeToken = UInt64.max - 1
  /// Set in the token with which the ring tells that a socket has room; slots are numbered below it.
  private static let roomBit: UInt64 = 1 << 31
  private static let entries: UInt32 = 1024
  private static let pollFirst: UInt16 = 1

  package init(verbsMax: Int, lends: Bool = true) throws(DriverRefusal) {
    do {
      (ring, flags) = try UringSetup.makeRing(entries: Self.entries)
    } catch {
      throw DriverRefusal(what: "io_uring_setup", errno: error.errno)
    }
    self.verbsMax = verbsMax
    lender = PageLender(isAllowed: lends)
    messages = .allocate(capacity: verbsMax)
    postponed = .allocate(capacity: verbsMax)
    done.reserveCapacity(Limits.completionsPerTurn)
    finished = .allocate(capacity: Limits.completionsPerTurn)
    finished.initialize(repeating: nil)
  }

  deinit {
    io_uring_queue_exit(ring)
    ring.deallocate()
    messages.deallocate()
    postponed.deallocate()
    finished.deallocate()
    wakeCount.deallocate()
  }

  package func start() {
    let result = UringSetup.enable(ring)
    precondition(result == 0, "io_uring_register(ENABLE_RINGS) failed with \(result)")
    armWake()
  }

  package func now() -> UInt64 { MonotonicClock.now() }

  package func wake() { wakeDescriptor.signal() }

  package func submit(_ operation: Operation, token: UInt64) {
    switch operation {
    case .send(let descriptor, _, _): return postpone(operation, descriptor, token: token)
    case .lend(let descriptor, _, _, _):
      guard let result = lender.perform(operation) else { return postpone(operation, descriptor, token: token) }
      return done.append(Completion(token: token, result: result))
    default: break
    }
    let entry = nextEntry()
    switch operation {
    case .accept(let listener):
      io_uring_prep_accept(entry, listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
    case .connect(let descriptor, let address, let addressBytes):
      io_uring_prep_connect(entry, descriptor, address, addressBytes)
    case .receive(let descriptor, let regions, let count, let options):
      if options.contains(.acknowledge) { SocketOptions.acknowledge(descriptor) }
      let flags = options.contains(.discard) ? Int32(MSG_TRUNC) : 0
      if count == 1 {
        io_uring_prep_recv(entry, descriptor, regions.pointee.iov_base, regions.pointee.iov_len, flags)
        if options.contains(.unhurried) { entry.pointee.ioprio |= Self.pollFirst }
      } else {
        io_uring_prep_recvmsg(entry, descriptor, message(token, regions, count), UInt32(flags))
      }
    case .send, .lend:
      preconditionFailure("not for the ring")
    case .read(let file, let regions, let count, let offset):
      io_uring_prep_readv(entry, file, regions, UInt32(count), offset)
    case .write(let file, let regions, let count, let offset):
      io_uring_prep_writev(entry, file, regions, UInt32(count), offset)
    case .sync(let file):
      io_uring_prep_fsync(entry, file, IORING_FSYNC_DATASYNC)
    case .cancel(let target):
      io_uring_prep_cancel64(entry, target, 0)
      io_uring_sqe_set_data64(entry, Self.ignoredToken)
      // The operation may be one that waits for room, which the ring knows by another token.
      let second = nextEntry()
      io_uring_prep_cancel64(second, target | Self.roomBit, 0)
      io_uring_sqe_set_data64(second, Self.ignoredToken)
      return
    }
    io_uring_sqe_set_data64(entry, token)
  }

  package func wait(until deadline: UInt64, into completions: UnsafeMutableBufferPointer<Completion>) -> Int {
    enter(until: done.isEmpty ? deadline : 0)
    let count = io_uring_peek_batch_cqe(ring, finished.baseAddress, UInt32(max(completions.count - done.count, 0)))
    var delivered = 0
    for position in 0..<Int(count) {
      let entry = finished[position]!
      switch entry.pointee.user_data {
      case Self.ignoredToken: break
      case Self.wakeToken: armWake()
      case let token where token & Self.roomBit != 0: resume(token & ~Self.roomBit, result: entry.pointee.res)
      default:
        completions[delivered] = Completion(token: entry.pointee.user_data, result: entry.pointee.res)
        delivered += 1
      }
    }
    io_uring_cq_advance(ring, count)
    return delivered + deliverDone(into: completions, from: delivered)
  }

  package func makeSocket(family: Int32) -> Int32? { SocketOptions.makeSocket(family: family) }

  package func configureAccepted(_ descriptor: Int32) { SocketOptions.configureAccepted(descriptor) }
  package func limitUnsent(_ descriptor: Int32, bytes: Int) { SocketOptions.limitUnsent(descriptor, bytes: bytes) }

  package func shutdown(_ descriptor: Int32, _ direction: Direction) {
    Glibc.shutdown(descriptor, direction.number)
  }

  package func release(_ descriptor: Int32) {}

  package func close(_ descriptor: Int32) { Glibc.close(descriptor) }

  // MARK: Sending

  /// Has the ring tell when the socket has room. Not by a send of the ring's, which does not rest while a socket is full
  /// whose other direction has ended.
  private func postpone(_ operation: Operation, _ descriptor: Int32, token: UInt64) {
    (postponed + slot(of: token)).initialize(to: operation)
    let entry = nextEntry()
    io_uring_prep_poll_add(entry, descriptor, UInt32(POLLOUT))
    io_uring_sqe_set_data64(entry, token | Self.roomBit)
  }

  /// Tries once. A poll that tells of room where there is none would tell of it again at once: it does so where the
  /// socket's other direction has ended, which it looks for unasked, and where the system has no memory for sockets.
  private func resume(_ token: UInt64, result: Int32) {
    let sent = result < 0 ? result : lender.perform(postponed[slot(of: token)]) ?? -EAGAIN
    done.append(Completion(token: token, result: sent))
  }

  // MARK: The ring

  private func deliverDone(into completions: UnsafeMutableBufferPointer<Completion>, from first: Int) -> Int {
    guard !done.isEmpty else { return 0 }
    let count = min(done.count, completions.count - first)
    var position = 0
    while position < count {
      completions[first + position] = done[position]
      position += 1
    }
    done.removeFirst(count)
    return count
  }

  private func enter(until deadline: UInt64) {
    let time = now()
    guard deadline > time else {
      expectEntered(io_uring_submit_and_get_events(ring))
      return
    }
    let left = deadline - time
    var timeout = __kernel_timespec(tv_sec: Int64(left / 1_000_000_000), tv_nsec: Int64(left % 1_000_000_000))
    var first: UnsafeMutablePointer<io_uring_cqe>?
    expectEntered(io_uring_submit_and_wait_timeout(ring, &first, 1, &timeout, nil))
  }

  /// Interruptions, timeouts and a kernel short of memory mean "look again": the loop turns anyway. Anything else would
  /// repeat for ever, as a wait on a thread that is not the ring's own does, or has lost a completion.
  private func expectEntered(_ result: Int32) {
    switch -result {
    case ETIME, EINTR, EAGAIN, EBUSY, ENOMEM: break
    default: precondition(result >= 0, "io_uring_enter failed with \(result)")
    }
  }

  private func nextEntry() -> UnsafeMutablePointer<io_uring_sqe> {
    if let entry = io_uring_get_sqe(ring) { return entry }
    // The queue is full: hand over what is there, which always frees it.
    while true {
      expectEntered(io_uring_submit(ring))
      if let entry = io_uring_get_sqe(ring) { return entry }
    }
  }

  private func message(_ token: UInt64, _ regions: UnsafeMutablePointer<iovec>, _ count: Int)
    -> UnsafeMutablePointer<msghdr>
  {
    let header = messages + slot(of: token)
    header.initialize(to: msghdr())
    header.pointee.msg_iov = regions
    header.pointee.msg_iovlen = count
    return header
  }

  private func slot(of token: UInt64) -> Int {
    let slot = Int(UInt32(truncatingIfNeeded: token))
    precondition(slot < verbsMax, "the loop has more slots than its driver")
    return slot
  }

  private func armWake() {
    let entry = nextEntry()
    io_uring_prep_read(entry, wakeDescriptor.descriptor, wakeCount, 8, 0)
    io_uring_sqe_set_data64(entry, Self.wakeToken)
  }
}

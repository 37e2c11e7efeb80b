import Base
import Glibc

/// Hands pages to sockets by reference: vmsplice(2) puts them into a pipe, splice(2) moves them from there into the
/// socket's queue.
///
/// One pipe serves all connections of a loop and is empty between two attempts: what a socket does not take is thrown
/// away, and lent anew with the next attempt.
struct PageLender: ~Copyable {
  enum Outcome: Equatable {
    /// A count of bytes, the copied ones among them, or a negated errno.
    case ended(Int32)
    case noRoom
    /// Nothing was sent, and can only be by copying it.
    case mustCopy
  }

  /// Why pages are no longer lent, once the system has refused.
  private(set) var refusal: DriverRefusal?
  private let isAllowed: Bool
  private var reading: Int32 = -1
  private var writing: Int32 = -1
  private var nowhere: Int32 = -1

  private let nowherePath: String

  init(isAllowed: Bool, nowherePath: String = "/dev/null") {
    self.isAllowed = isAllowed
    self.nowherePath = nowherePath
  }

  deinit {
    for descriptor in [reading, writing, nowhere] where descriptor >= 0 { close(descriptor) }
  }

  var isWilling: Bool { isAllowed && refusal == nil }

  /// Sends or lends what there is room for; nil when there is none.
  mutating func perform(_ operation: Operation) -> Int32? {
    guard case .lend(let descriptor, let regions, let count, let copied) = operation else {
      return SystemCalls.perform(operation)
    }
    switch attempt(descriptor, regions, count: count, copied: copied) {
    case .ended(let result): return result
    case .noRoom: return nil
    case .mustCopy: return SystemCalls.perform(.send(descriptor, regions, count: count))
    }
  }

  /// Sends copies of the first regions and the pages of the others, as far as there is room in the socket, which must be
  /// one that does not block.
  mutating func attempt(
    _ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int, copied: Int
  ) -> Outcome {
    guard isWilling, hasPipe() else { return .mustCopy }
    guard copied > 0 else { return lend(descriptor, regions, count: count) }
    guard let sent = SystemCalls.send(descriptor, regions, count: copied, flags: Int32(MSG_MORE)) else {
      return .noRoom
    }
    guard sent == UnsafeMutableBufferPointer(start: regions, count: copied).byteCount(ofFirst: copied) else {
      return .ended(sent)
    }
    // The copies have left, whatever becomes of the pages: what these meet is met again at the next attempt.
    guard case .ended(let lent) = lend(descriptor, regions + copied, count: count - copied), lent > 0 else {
      return .ended(sent)
    }
    return .ended(sent + lent)
  }

  private mutating func lend(_ descriptor: Int32, _ regions: UnsafeMutablePointer<iovec>, count: Int) -> Outcome {
    let pipe = (reading, writing)
    let flags = UInt32(SPLICE_F_NONBLOCK)
    let filled = SystemCalls.retrying { vmsplice(pipe.1, regions, count, flags) } ?? 0
    guard filled > 0 else { return refuse("vmsplice", -filled) }
    let taken = SystemCalls.retrying { splice(pipe.0, nil, descriptor, nil, Int(filled), flags) }
    let left = filled - max(taken ?? 0, 0)
    if left > 0 { discard(Int(left)) }
    switch taken {
    case nil: return .noRoom
    case -EINVAL, -EPERM, -ENOSYS, -EOPNOTSUPP: return refuse("splice", -taken!)
    case let taken?: return .ended(taken)
    }
  }

  /// A system that is short of memory may lend again; another refusal is for good.
  private mutating func refuse(_ call: StaticString, _ number: Int32) -> Outcome {
    if number != ENOMEM { refusal = DriverRefusal(what: "\(call)", errno: number) }
    return .mustCopy
  }

  // MARK: The pipe

  private mutating func hasPipe() -> Bool {
    if reading >= 0 { return true }
    ignoreBrokenPipes()
    var ends: [Int32] = [-1, -1]
    // Descriptors may be had again.
    guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { return false }
    (reading, writing) = (ends[0], ends[1])
    // Users may have so much in pipes; then this one stays as small as it is.
    _ = fcntl(writing, F_SETPIPE_SZ, Int32(Limits.sliceBytes))
    if fcntl(writing, F_GETPIPE_SZ) < Int32(Limits.lendingPipeBytesMin) {
      refusal = DriverRefusal(what: "F_SETPIPE_SZ (see fs.pipe-user-pages-soft)", errno: EPERM)
      return false
    }
    nowhere = openNowhere()
    return true
  }

  /// -1 where a file stands in its place, as a root process may leave one behind: that would keep in memory all that is
  /// thrown away.
  private func openNowhere() -> Int32 {
    let descriptor = open(nowherePath, O_WRONLY | O_CLOEXEC)
    var status = stat()
    if descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFCHR { return descriptor }
    if descriptor >= 0 { close(descriptor) }
    return -1
  }

  /// Empties the pipe.
  private mutating func discard(_ count: Int) {
    let (source, target) = (reading, nowhere)
    var left = count
    while left > 0 {
      let gone = SystemCalls.retrying { splice(source, nil, target, nil, left, UInt32(SPLICE_F_NONBLOCK)) } ?? 0
      guard gone > 0 else { return dropPipe() }
      left -= Int(gone)
    }
  }

  /// Where nothing takes what is thrown away. Another pipe is made when it is needed.
  private mutating func dropPipe() {
    for descriptor in [reading, writing, nowhere] where descriptor >= 0 { close(descriptor) }
    (reading, writing, nowhere) = (-1, -1, -1)
  }

  /// splice(2) raises SIGPIPE when the peer has gone, and cannot be told not to.
  private func ignoreBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

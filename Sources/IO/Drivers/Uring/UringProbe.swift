import CLiburing
import Glibc

/// Runs every operation that the server asks a ring for once, for real, on a ring of its own.
///
/// Asking the kernel what it supports is not enough: a seccomp profile may let the ring be made and refuse to enter it.
enum UringProbe {
  static func run() throws(DriverRefusal) {
    let ring: UnsafeMutablePointer<io_uring>
    do {
      ring = try UringSetup.makeRing(entries: 8).ring
    } catch {
      throw DriverRefusal(what: "io_uring_setup", errno: error.errno)
    }
    defer {
      io_uring_queue_exit(ring)
      ring.deallocate()
    }
    try check("io_uring_register", UringSetup.enable(ring))
    try probeTransfers(on: ring)
    try probeAccept(on: ring)
    try probeFiles(on: ring)
  }

  private static func probeTransfers(on ring: UnsafeMutablePointer<io_uring>) throws(DriverRefusal) {
    var pair: (Int32, Int32) = (-1, -1)
    let made = withUnsafeMutablePointer(to: &pair) {
      $0.withMemoryRebound(to: Int32.self, capacity: 2) { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0) }
    }
    guard made == 0 else { throw DriverRefusal(what: "socketpair", errno: errno) }
    let (left, right) = pair
    defer {
      close(left)
      close(right)
    }
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
    let region = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
    let header = UnsafeMutablePointer<msghdr>.allocate(capacity: 1)
    defer {
      bytes.deallocate()
      region.deallocate()
      header.deallocate()
    }
    bytes.initializeMemory(as: UInt8.self, repeating: 7, count: 8)
    region.initialize(to: iovec(iov_base: bytes, iov_len: 8))
    header.initialize(to: msghdr())
    header.pointee.msg_iov = region
    header.pointee.msg_iovlen = 1
    guard send(left, bytes, 8, 0) == 8, send(left, bytes, 8, 0) == 8 else {
      throw DriverRefusal(what: "send", errno: errno)
    }
    try perform("RECV", on: ring) { io_uring_prep_recv($0, right, bytes, 8, 0) }
    try perform("RECVMSG", on: ring) { io_uring_prep_recvmsg($0, right, header, 0) }
    try perform("POLL_ADD", on: ring) { io_uring_prep_poll_add($0, left, UInt32(POLLOUT)) }
    // Nothing has this number: "not found" is the answer of a kernel that knows the operation.
    try perform("ASYNC_CANCEL", on: ring, tolerating: ENOENT) { io_uring_prep_cancel64($0, 12345, 0) }
  }

  private static func probeAccept(on ring: UnsafeMutablePointer<io_uring>) throws(DriverRefusal) {
    let listener: Int32
    do {
      listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    } catch {
      return  // No loopback address: the server's own listener will tell.
    }
    defer { close(listener) }
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(client) }
    var address = sockaddr_in()
    var addressBytes = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = ListeningSocket.port(of: listener)
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let storage = UnsafeMutablePointer<sockaddr_in>.allocate(capacity: 1)
    storage.initialize(to: address)
    addressBytes = socklen_t(MemoryLayout<sockaddr_in>.size)
    defer { storage.deallocate() }
    let target = UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self)
    try perform("CONNECT", on: ring) { io_uring_prep_connect($0, client, target, addressBytes) }
    let accepted = try perform("ACCEPT", on: ring) {
      io_uring_prep_accept($0, listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    }
    close(accepted)
  }

  private static func probeFiles(on ring: UnsafeMutablePointer<io_uring>) throws(DriverRefusal) {
    let file = memfd_create("probe", UInt32(MFD_CLOEXEC))
    guard file >= 0 else { return }  // The disk's own files will tell.
    defer { close(file) }
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
    let region = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
    defer {
      bytes.deallocate()
      region.deallocate()
    }
    bytes.initializeMemory(as: UInt8.self, repeating: 7, count: 8)
    region.initialize(to: iovec(iov_base: bytes, iov_len: 8))
    try perform("WRITEV", on: ring) { io_uring_prep_writev($0, file, region, 1, 0) }
    try perform("READV", on: ring) { io_uring_prep_readv($0, file, region, 1, 0) }
    try perform("FSYNC", on: ring) { io_uring_prep_fsync($0, file, IORING_FSYNC_DATASYNC) }
  }

  @discardableResult
  private static func perform(
    _ name: String, on ring: UnsafeMutablePointer<io_uring>, tolerating tolerated: Int32 = 0,
    prepare: (UnsafeMutablePointer<io_uring_sqe>) -> Void
  ) throws(DriverRefusal) -> Int32 {
    prepare(io_uring_get_sqe(ring)!)
    var finished: UnsafeMutablePointer<io_uring_cqe>?
    var patience = __kernel_timespec(tv_sec: 2, tv_nsec: 0)
    try check("io_uring_enter", io_uring_submit_and_wait_timeout(ring, &finished, 1, &patience, nil))
    guard let finished else { throw DriverRefusal(what: "io_uring \(name)", errno: ETIME) }
    let result = finished.pointee.res
    io_uring_cq_advance(ring, 1)
    if -result != tolerated { try check("io_uring \(name)", result) }
    return result
  }

  private static func check(_ what: String, _ result: Int32) throws(DriverRefusal) {
    if result < 0 { throw DriverRefusal(what: what, errno: -result) }
  }
}

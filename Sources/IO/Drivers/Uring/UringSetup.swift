import CLiburing
import Glibc

/// A ring with the best flags that this kernel takes.
enum UringSetup {
  /// From the newest kernels to the oldest; the first that works is kept.
  private static let ladder: [(name: String, flags: UInt32)] = [
    ("defer_taskrun", single | deferTaskrun | cooperative | disabled),
    ("single_issuer", single | cooperative | disabled),
    ("coop_taskrun", cooperative | disabled),
    ("plain", disabled),
  ]
  // Function-like to the importer, so spelled out; the numbers are kernel ABI.
  private static let disabled: UInt32 = 1 << 6
  private static let cooperative: UInt32 = 1 << 8
  private static let single: UInt32 = 1 << 12
  private static let deferTaskrun: UInt32 = 1 << 13

  struct Refusal: Error {
    let errno: Int32
  }

  /// The ring starts disabled: the loop's own thread enables it and thereby becomes its single issuer.
  static func makeRing(entries: UInt32) throws(Refusal) -> (ring: UnsafeMutablePointer<io_uring>, flags: String) {
    let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
    var refusal: Int32 = 0
    for step in ladder {
      ring.initialize(to: io_uring())
      var parameters = io_uring_params()
      parameters.flags = step.flags | (1 << 3)  // IORING_SETUP_CQSIZE
      parameters.cq_entries = entries * 8
      let result = io_uring_queue_init_params(entries, ring, &parameters)
      if result == 0 { return (ring, step.name) }
      refusal = -result
      // Anything but "unknown flag" will not get better with fewer flags.
      if refusal != EINVAL { break }
    }
    ring.deallocate()
    throw Refusal(errno: refusal)
  }

  /// Binds a ring to the calling thread; a negated errno on failure.
  ///
  /// Not `io_uring_enable_rings`: liburing 2.3 declares it and forgets to export it from the shared library.
  static func enable(_ ring: UnsafeMutablePointer<io_uring>) -> Int32 {
    io_uring_register(UInt32(ring.pointee.ring_fd), UInt32(IORING_REGISTER_ENABLE_RINGS), nil, 0)
  }
}

import Glibc

/// Why a driver cannot be used on this machine.
package struct DriverRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  package let what: String
  package let errno: Int32

  package var description: String {
    let cause =
      switch errno {
      case EPERM where what.hasPrefix("io_uring"): "not permitted here (seccomp profile or kernel.io_uring_disabled)"
      case ENOSYS: "not in this kernel or hidden by a seccomp profile"
      case EINVAL: "this kernel lacks a needed operation"
      case ENOMEM: "not enough lockable memory (RLIMIT_MEMLOCK)"
      default: String(cString: strerror(errno))
      }
    return "\(what): \(cause) (errno \(errno))"
  }
}

import Glibc

/// Why a verb could not do what it was asked. Operating errors only; misuse traps.
package enum IOFailure: Error, Equatable, Sendable {
  case cancelled
  case timedOut
  case peerGone
  case refused
  case outOfDescriptors
  case outOfMemory
  case listenerClosed
  case unreachable
  /// The device is full.
  case outOfSpace
  /// The device failed to read or to write.
  case deviceFailed
  /// The device was taken away.
  case deviceGone
  /// The file system takes no writes; many become so when their device fails.
  case readOnly
  /// What the descriptor stands for has no such operation.
  case unsupported
  case other(errno: Int32)

  /// From a negated errno as drivers deliver it.
  init(result: Int32) {
    let number = -result
    switch number {
    case ECANCELED: self = .cancelled
    case ETIMEDOUT: self = .timedOut
    case ECONNRESET, EPIPE, ENOTCONN, ESHUTDOWN, ECONNABORTED: self = .peerGone
    case ECONNREFUSED: self = .refused
    case EMFILE, ENFILE: self = .outOfDescriptors
    case ENOMEM, ENOBUFS: self = .outOfMemory
    case EINVAL: self = .listenerClosed
    case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL: self = .unreachable
    case ENOSPC, EDQUOT: self = .outOfSpace
    // Direct I/O passes on what the block layer says: EIO, or of a sector, a cable, a target, a checksum.
    case EIO, ENODATA, ENOLINK, EREMOTEIO, EILSEQ, EBADMSG, EUCLEAN: self = .deviceFailed
    case ENODEV, ENXIO, ESTALE: self = .deviceGone
    case EROFS: self = .readOnly
    case EOPNOTSUPP: self = .unsupported
    case EBADF, ENOTSOCK, EFAULT: preconditionFailure("a verb was given a bad descriptor or buffer: errno \(number)")
    default: self = .other(errno: number)
    }
  }

  /// What an operation ended with, unless it failed.
  static func check(_ result: Int32) throws(IOFailure) -> Int32 {
    if result < 0 { throw IOFailure(result: result) }
    return result
  }

  /// A stable name for metrics and logs.
  package var reason: String {
    switch self {
    case .cancelled: "cancelled"
    case .timedOut: "timed_out"
    case .peerGone: "peer_gone"
    case .refused: "refused"
    case .outOfDescriptors: "out_of_descriptors"
    case .outOfMemory: "out_of_memory"
    case .listenerClosed: "listener_closed"
    case .unreachable: "unreachable"
    case .outOfSpace: "out_of_space"
    case .deviceFailed: "device_failed"
    case .deviceGone: "device_gone"
    case .readOnly: "read_only"
    case .unsupported: "unsupported"
    case .other(let number): "errno_\(number)"
    }
  }
}

import Glibc
import Testing

@testable import IO

/// Every errno is reported by the name of its reason.
@Suite
struct IOFailureTests {
  static let meanings: [(Int32, IOFailure, String)] = [
    (ECANCELED, .cancelled, "cancelled"),
    (ETIMEDOUT, .timedOut, "timed_out"),
    (ECONNRESET, .peerGone, "peer_gone"),
    (EPIPE, .peerGone, "peer_gone"),
    (ENOTCONN, .peerGone, "peer_gone"),
    (ECONNABORTED, .peerGone, "peer_gone"),
    (ECONNREFUSED, .refused, "refused"),
    (EMFILE, .outOfDescriptors, "out_of_descriptors"),
    (ENFILE, .outOfDescriptors, "out_of_descriptors"),
    (ENOMEM, .outOfMemory, "out_of_memory"),
    (ENOBUFS, .outOfMemory, "out_of_memory"),
    (EINVAL, .listenerClosed, "listener_closed"),
    (EHOSTUNREACH, .unreachable, "unreachable"),
    (ENOSPC, .outOfSpace, "out_of_space"),
    (EIO, .deviceFailed, "device_failed"),
    (ENODATA, .deviceFailed, "device_failed"),
    (EUCLEAN, .deviceFailed, "device_failed"),
    (ENODEV, .deviceGone, "device_gone"),
    (ENXIO, .deviceGone, "device_gone"),
    (ESTALE, .deviceGone, "device_gone"),
    (EROFS, .readOnly, "read_only"),
    (EOPNOTSUPP, .unsupported, "unsupported"),
    (EPROTO, .other(errno: EPROTO), "errno_71"),
  ]

  @Test(arguments: meanings)
  func anErrnoHasAMeaning(number: Int32, failure: IOFailure, reason: String) {
    #expect(IOFailure(result: -number) == failure)
    #expect(failure.reason == reason)
  }

  @Test
  func aBadDescriptorIsAProgrammersError() async {
    await #expect(processExitsWith: .failure) { _ = IOFailure(result: -EBADF) }
  }
}

import CLinux
import Glibc

/// An eventfd by which other threads end a loop's wait.
final class WakeDescriptor: Sendable {
  let descriptor: Int32

  init() {
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    precondition(descriptor >= 0, "eventfd failed with errno \(errno)")
  }

  deinit { Glibc.close(descriptor) }

  func signal() {
    var one: UInt64 = 1
    // A full counter already means "awake": nothing is lost when this write fails.
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  func drain() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}

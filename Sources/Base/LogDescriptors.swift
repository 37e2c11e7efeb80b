import Glibc

/// Sees to it that descriptors 0 to 2 are taken.
package enum LogDescriptors {
  /// A process started with stderr closed would give number 2 to its first socket, and log into a client's connection.
  package static func reserve() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one, because those below are taken by now.
      guard open("/dev/null", O_RDWR) == descriptor else { return }
    }
  }
}

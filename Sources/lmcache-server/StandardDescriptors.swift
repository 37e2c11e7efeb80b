import Glibc

/// The descriptors that every process has from its start.
enum StandardDescriptors {
  /// A process started with stderr closed would give number 2 to its first socket, and log into a client's connection.
  static func reserve() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one, because those below are taken by now.
      guard open("/dev/null", O_RDWR) == descriptor else { return }
    }
  }

  /// One line for the person who started the program.
  static func complain(_ message: String) {
    let line = Array("lmcache-server: \(message)\n".utf8)
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

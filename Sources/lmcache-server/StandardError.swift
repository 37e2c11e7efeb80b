import Glibc

/// One line for the person who started the program.
enum StandardError {
  static func write(_ message: String) {
    let line = Array("lmcache-server: \(message)\n".utf8)
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

import Base
import Glibc

/// Where tools write.
enum StandardOutput {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32 = STDOUT_FILENO) throws(ToolFailure) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      // Who read it has seen enough, as head has: nothing went wrong.
      if count < 0, errno == EPIPE { exit(0) }
      guard count >= 0 else { throw ToolFailure("cannot write: \(String(cString: strerror(errno)))") }
      done += count
    }
  }

  static func write(_ bytes: [UInt8]) throws(ToolFailure) {
    var failure: ToolFailure?
    bytes.withUnsafeBytes { bytes in
      do throws(ToolFailure) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  static func write(_ text: String) throws(ToolFailure) { try write(Array(text.utf8)) }

  /// One line beside the output, for a person.
  static func complain(_ message: String) {
    let line = Array("lmcache-server: \(message)\n".utf8)
    _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

import Base
import Glibc

/// Gets the bytes of a configuration file, and says in a few words why it cannot.
package enum ConfigurationText {
  package static func read(_ path: String) throws(OptionFailure) -> [UInt8] {
    // A pipe without a writer must not keep the server from starting.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path, "cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw failure(path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw failure(path, "is a directory; name the file in it")
    default: throw failure(path, "is not a file that can be read again at SIGHUP")
    }
    return try contents(of: descriptor, path)
  }

  /// One byte more than is allowed tells that there are too many.
  private static func contents(of descriptor: Int32, _ path: String) throws(OptionFailure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Limits.configurationBytesMax + 1)
    var count = 0
    while count < bytes.count {
      let part = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
      if part < 0, errno == EINTR { continue }
      guard part >= 0 else { throw failure(path, "cannot be read: \(String(cString: strerror(errno)))") }
      if part == 0 { break }
      count += part
    }
    guard count <= Limits.configurationBytesMax else {
      throw failure(path, "is larger than the \(ByteSize.text(Limits.configurationBytesMax)) that are read")
    }
    return Array(bytes.prefix(count))
  }

  private static func failure(_ path: String, _ complaint: String) -> OptionFailure {
    OptionFailure(
      message: "configuration file \(OptionFailure.quoted(path)) \(complaint)", exitCode: ExitCode.flag)
  }
}

import Base
import Glibc

/// Reads the file of `--users`, as text. What it says is for the server to understand.
package struct UsersFile: Sendable {
  package let path: String
  /// What gave the path, as a complaint calls it.
  private let name: String

  /// Nil where no file is named.
  package init?(_ options: ServerOptions) {
    guard let path = options.usersFile else { return nil }
    self.path = path
    name = "\(options.name(of: .users)) \(OptionFailure.quoted(path))"
  }

  package struct Contents: Sendable {
    package let text: String
    /// What an operator should change, though the file was read.
    package let warning: String?
  }

  package func read() throws(OptionFailure) -> Contents {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw failure("is no file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while bytes.count <= Limits.usersFileBytesMax {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    guard bytes.count <= Limits.usersFileBytesMax else {
      throw failure("is longer than \(ByteSize.text(Limits.usersFileBytesMax))")
    }
    let isForAll = status.st_mode & S_IROTH != 0
    let warning = "\(name) can be read by everybody on this machine; chmod o-r it, because it has passwords"
    return Contents(text: String(decoding: bytes, as: UTF8.self), warning: isForAll ? warning : nil)
  }

  /// What is wrong with what it says.
  package func failure(atLine line: Int, _ complaint: String) -> OptionFailure {
    failure(line > 0 ? "line \(line): \(complaint)" : complaint)
  }

  private func failure(_ complaint: String) -> OptionFailure {
    OptionFailure(message: "\(name) \(complaint)", exitCode: ExitCode.flag)
  }
}

import Base
import Glibc

/// Where a value goes: a file that appears when it is whole, or what is there already and is no file, or the output.
final class OutputFile {
  private let path: String
  /// What is written, until it gets its name; nil for what is written to itself.
  private var draft: String?
  private let descriptor: Int32

  /// - Parameter path: nil for the standard output.
  init(_ path: String?) throws(ToolFailure) {
    self.path = path ?? ""
    guard let path else {
      descriptor = STDOUT_FILENO
      return
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
    } else {
      let draft = "\(path).\(getpid()).part"
      self.draft = draft
      descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    }
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(errno))
      draft = nil
      throw ToolFailure(
        "cannot write to \(LogEscape.line(Array(path.utf8))): \(reason)", exitCode: ToolFailure.Status.usage)
    }
  }

  /// What is not whole goes.
  deinit {
    if let draft { unlink(draft) }
    if !path.isEmpty, descriptor >= 0 { close(descriptor) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ToolFailure) { try StandardOutput.write(bytes, to: descriptor) }

  func finish() throws(ToolFailure) {
    guard let draft else { return }
    guard rename(draft, path) == 0 else {
      throw ToolFailure("cannot write to \(LogEscape.line(Array(path.utf8))): \(String(cString: strerror(errno)))")
    }
    self.draft = nil
  }
}

import Base
import Glibc

/// What the kernel says of itself in small files. `root` lets a test pretend to be another machine.
package struct SystemFiles: Sendable {
  private let root: String

  package init(root: String = "") { self.root = root }

  func fullPath(_ path: String) -> String { root + path }

  /// Nil when there is no such file or it cannot be read.
  func text(_ path: String) -> String? {
    let descriptor = open(fullPath(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while bytes.count < Limits.systemFileBytesMax {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  func lines(_ path: String) -> [Substring] { text(path)?.split(separator: "\n") ?? [] }

  /// The number that follows `name` on a line of its own, as in `/proc/meminfo` and `memory.stat`.
  func number(named name: String, in path: String) -> UInt64? {
    for line in lines(path) {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count >= 2, words[0] == name { return UInt64(words[1]) }
    }
    return nil
  }

  /// The words of a file of one line.
  func words(_ path: String) -> [Substring] { lines(path).first?.split(separator: " ") ?? [] }
}

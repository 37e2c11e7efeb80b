import Base
import Glibc
import Testing

@testable import IO

/// An empty directory for one test, removed with all that is in it.
final class Scratch: Sendable {
  let path: String

  init(in parent: String = "/tmp") throws {
    var name = Array("\(parent)/lmcache-server-files-XXXXXX".utf8CString)
    try #require(mkdtemp(&name) != nil, "mkdtemp: errno \(errno)")
    path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    nftw(path, { name, _, _, _ in Glibc.remove(name!) }, 8, Int32(FTW_DEPTH | FTW_PHYS))
  }

  /// A directory within, not yet made.
  func directory(_ name: String = "disk") -> FileDirectory { FileDirectory(path: "\(path)/\(name)") }

  /// A directory within, taken.
  func taken(_ name: String = "disk") throws -> FileDirectory {
    let directory = directory(name)
    try #require(try directory.lock())
    return directory
  }

  func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
    let file = Glibc.open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, mode)
    try #require(file >= 0 && Glibc.write(file, text, text.utf8.count) == text.utf8.count, "errno \(errno)")
    Glibc.close(file)
  }

  func status(_ name: String) throws -> stat {
    var status = stat()
    try #require(lstat("\(path)/\(name)", &status) == 0, "lstat: errno \(errno)")
    return status
  }
}

extension Scratch {
  /// Runs on a thread whose umask, user for files and mounts are its own, so that no other test sees what it does to them.
  static func apart<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let outcome = Shared<Result<Value, any Error>?>(nil)
    let thread = Thread(name: "apart") {
      precondition(unshare(CLONE_FS) == 0, "unshare failed with errno \(errno)")
      let result = Result { try body() }
      outcome.change { $0 = result }
    }
    thread.join()
    return try outcome.value!.get()
  }

  /// Has this thread meet the modes of files, as others than root do anyway.
  static func dropRootForFiles() {
    guard geteuid() == 0 else { return }
    // The Glibc module leaves it out. glibc's changes the calling thread alone.
    let setUser = unsafeBitCast(dlsym(nil, "setfsuid"), to: (@convention(c) (uid_t) -> Int32).self)
    _ = setUser(65_534)
  }
}

/// Mounts that only the thread sees that made them.
enum PrivateMount {
  /// Root of a container often may not.
  static let isPossible: Bool = {
    (try? Scratch.apart { begin() }) ?? false
  }()

  private static func begin() -> Bool {
    unshare(CLONE_NEWNS) == 0 && mount(nil, "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0
  }

  /// Runs with an empty file system of a type mounted at a path.
  static func of<Value: Sendable>(
    _ type: String, _ options: String = "", at path: String, _ body: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    try Scratch.apart {
      try #require(begin() && mount(type, path, type, 0, options) == 0, "mount: errno \(errno)")
      defer { umount2(path, Int32(MNT_DETACH)) }
      return try body()
    }
  }

  static func makeReadOnly(_ path: String) throws {
    try #require(mount(nil, path, nil, UInt(MS_REMOUNT | MS_RDONLY), nil) == 0, "errno \(errno)")
  }
}

import Base
import Glibc

/// A directory of a real file system. Names are looked up in the directory that was opened, even where its path has come
/// to mean another, and only regular files are opened: another process that can write beside us must not lead us elsewhere.
package final class FileDirectory: DeviceDirectory, @unchecked Sendable {
  private static let lockName = "lock"

  package let path: String
  package internal(set) var claimsSpace = true
  /// -1 until it is needed.
  private var directory: Int32 = -1
  /// -1 while this process does not have the directory.
  private var lockFile: Int32 = -1

  package init(path: String) { self.path = path }

  deinit { unlock() }

  package func carryOut(_ calls: @escaping @Sendable () -> Void) {
    // They are few: a thread each. Where the system gives none, the loop has to wait.
    guard let thread = try? Thread.start(name: "directory", calls) else { return calls() }
    thread.detach()
  }

  package func lock() throws(DirectoryFailure) -> Bool {
    if lockFile >= 0 { return true }
    try makeDirectory()
    guard let file = try openFile(Self.lockName, O_CREAT) else {
      throw DirectoryFailure(.lock, path, errno: ENOENT)
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      Glibc.close(file)
      if number == EWOULDBLOCK { return false }
      throw DirectoryFailure(.lock, path, errno: number)
    }
    lockFile = file
    return true
  }

  package func unlock() {
    // The lock goes last: until then no other process is in the directory.
    if directory >= 0 { Glibc.close(directory) }
    if lockFile >= 0 { Glibc.close(lockFile) }
    (lockFile, directory) = (-1, -1)
  }

  package func names() throws(DirectoryFailure) -> [String] {
    // A descriptor of its own, which begins at the first name and goes with the list.
    let descriptor = openat(try descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, let list = fdopendir(descriptor) else {
      let number = errno
      if descriptor >= 0 { Glibc.close(descriptor) }
      throw DirectoryFailure(.list, path, errno: number)
    }
    defer { closedir(list) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != "..", name != Self.lockName { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw DirectoryFailure(.list, path, errno: errno) }
    return names.sorted()
  }

  package func remove(_ name: String) throws(DirectoryFailure) {
    if unlinkat(try descriptor(), name, 0) != 0, errno != ENOENT { throw failure(.remove, name) }
  }

  package func rename(_ name: String, to other: String) throws(DirectoryFailure) {
    let directory = try descriptor()
    if renameat(directory, name, directory, other) != 0 { throw failure(.rename, name) }
  }

  package func sync() throws(DirectoryFailure) {
    if fsync(try descriptor()) != 0 { throw DirectoryFailure(.sync, path, errno: errno) }
  }

  package func freeBytes() throws(DirectoryFailure) -> Int {
    var status = statvfs()
    if fstatvfs(try descriptor(), &status) != 0 { throw DirectoryFailure(.measure, path, errno: errno) }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  package func allocatedBytes() throws(DirectoryFailure) -> Int {
    let directory = try descriptor()
    var bytes = 0
    for name in try names() {
      var status = stat()
      if fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
        // It may have been removed meanwhile.
        if errno == ENOENT { continue }
        throw failure(.measure, name)
      }
      // In units of 512 bytes, whatever the file system's own.
      if Self.isRegular(status) { bytes += Int(status.st_blocks) * 512 }
    }
    return bytes
  }

  // MARK: Within the room

  /// Nil where there is no such file. A call to `fstat` that fails does so for want of memory or by a fault of the device.
  func openFile(_ name: String, _ flags: Int32) throws(DirectoryFailure) -> Int32? {
    // Without O_NONBLOCK a pipe would be waited for.
    let all = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags
    let file = openat(try descriptor(), name, all, 0o600)
    if file < 0 {
      if errno == ENOENT, flags & O_CREAT == 0 { return nil }
      throw failure(.open, name)
    }
    do throws(DirectoryFailure) {
      guard Self.isRegular(try status(of: file, name)) else {
        throw DirectoryFailure(.open, "\(path)/\(name)", errno: EINVAL)
      }
      // What the umask has taken away would be missed at the next start.
      if flags & O_CREAT != 0, fchmod(file, 0o600) != 0 { throw failure(.make, name) }
    } catch {
      Glibc.close(file)
      throw error
    }
    return file
  }

  func status(of file: Int32, _ name: String) throws(DirectoryFailure) -> stat {
    var status = stat()
    if fstat(file, &status) != 0 { throw failure(.open, name) }
    return status
  }

  /// With the number of the call that has just failed.
  func failure(_ call: DirectoryFailure.Call, _ name: String) -> DirectoryFailure {
    DirectoryFailure(call, "\(path)/\(name)", errno: errno)
  }

  // MARK: The directory itself

  private func makeDirectory() throws(DirectoryFailure) {
    do throws(DirectoryFailure) {
      _ = try descriptor()
    } catch {
      if error.errno != ENOENT { throw error }
      if mkdir(path, 0o700) != 0 {
        if errno != EEXIST { throw DirectoryFailure(.make, path, errno: errno) }
      } else if chmod(path, 0o700) != 0 {
        throw DirectoryFailure(.make, path, errno: errno)
      }
    }
  }

  /// The path itself may be a symbolic link: that is the operator's choice.
  private func descriptor() throws(DirectoryFailure) -> Int32 {
    if directory < 0 { directory = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if directory < 0 { throw DirectoryFailure(.open, path, errno: errno) }
    return directory
  }

  private static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }
}

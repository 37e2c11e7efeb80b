import Base
import Disk
import Glibc
import Setup

/// The directory of a disk, opened to be read by a person's wish: nothing in it is changed.
struct InspectedDirectory: ~Copyable {
  /// Why nothing can be said of a directory: a line for a person, and the status to exit with.
  struct Failure: Error {
    let message: String
    var exitCode = DiskInspection.couldNotLook
  }

  /// As it is shown.
  let path: String
  private let handle: Int32
  private var lock: Int32 = -1

  init(_ path: String) throws(Failure) {
    self.path = LogEscape.line(Array(path.utf8))
    handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else {
      throw Failure(message: "\(self.path): \(Self.reason(errno)); name a directory that --disk names")
    }
  }

  deinit {
    close(handle)
    if lock >= 0 { close(lock) }
  }

  /// A server locks the same file. Where there is none, no server was ever here, or only one that could not write.
  mutating func takeLock() throws(Failure) {
    lock = openat(handle, DiskFormat.lockName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard lock >= 0 else {
      if errno == ENOENT { return }
      throw Failure(message: "\(path)/\(DiskFormat.lockName): \(Self.reason(errno)); run this as the server's user")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(message: "\(path): another process has this directory; stop the server that uses it, and try again")
    }
  }

  func device() throws(Failure) -> DeviceHeader {
    let name = "\(path)/\(DiskFormat.deviceName)"
    let file: InspectedFile
    do throws(InspectedFile.Failure) {
      file = try InspectedFile(DiskFormat.deviceName, in: handle)
    } catch {
      guard error.errno == ENOENT else {
        throw Failure(message: "\(name): \(error.reason); run this as the server's user")
      }
      throw Failure(message: "\(path): no disk of lmcache-server is here; name a directory that --disk names")
    }
    var bytes = [UInt8](repeating: 0, count: 2 * DiskFormat.blockBytes)
    let isRead = bytes.withUnsafeMutableBytes { file.read($0, at: 0) }
    guard isRead else {
      throw Failure(message: "\(name) cannot be read, or is cut short", exitCode: DiskInspection.damaged)
    }
    switch bytes.withUnsafeBytes({ DeviceHeader.find(in: $0) }) {
    case .ours(let header): return header
    case .version(let version):
      throw Failure(
        message: "\(path): its format is \(version), and this program knows \(DiskFormat.version);"
          + " use the lmcache-server that wrote it")
    case .unknown:
      throw Failure(
        message: "\(name) is damaged, or of another program; --disk-format begins a directory afresh",
        exitCode: DiskInspection.damaged)
    }
  }

  /// The numbers of the segments that there are.
  func segments() throws(Failure) -> [UInt32] {
    let own = openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0, let list = fdopendir(own) else { throw Failure(message: "\(path): \(Self.reason(errno))") }
    defer { closedir(list) }
    var segments: [UInt32] = []
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if let segment = DiskFormat.segment(named: name) { segments.append(segment) }
    }
    return segments.sorted()
  }

  func segment(_ number: UInt32) throws(InspectedFile.Failure) -> InspectedFile {
    try InspectedFile(DiskFormat.segmentName(number), in: handle)
  }

  static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// A file of it.
final class InspectedFile {
  struct Failure: Error {
    let errno: Int32
    var reason: String { InspectedDirectory.reason(errno) }
  }

  private let handle: Int32
  let byteCount: Int

  init(_ name: String, in directory: Int32) throws(Failure) {
    let handle = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard handle >= 0 else { throw Failure(errno: errno) }
    var status = stat()
    guard fstat(handle, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(handle)
      throw Failure(errno: EINVAL)
    }
    (self.handle, byteCount) = (handle, Int(status.st_size))
  }

  deinit {
    // It is not read again soon, and others need the memory.
    posix_fadvise(handle, 0, 0, POSIX_FADV_DONTNEED)
    close(handle)
  }

  /// False where not all of it can be read.
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = pread(handle, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}

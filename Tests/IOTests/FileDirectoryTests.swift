import Base
import Glibc
import Testing

@testable import IO

/// A directory of the real file system: what is made in it, who has it, and what is not opened.
@Suite(.patience)
struct FileDirectoryTests {
  @Test(arguments: realDrivers)
  func whatIsWrittenToAMadeFileIsRead(kind: DriverKind) async throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    let (written, returned) = (Buffer(pattern: 1 << 20), Buffer(count: 1 << 20))
    let file = try directory.make("a", byteCount: 4 << 20)
    #expect(file.isDirect == Self.knowsDirect(scratch.path))
    try await onLoop(kind) { loop in
      let place: UInt64 = 1 << 20
      try await expect(loop.write(file, at: place, from: written.regions().0, count: 1), 1 << 20)
      try await loop.sync(file)
      directory.close(file)
      let again = try #require(try directory.open("a"))
      #expect(again.byteCount == 4 << 20 && again.isDirect == file.isDirect)
      try await expect(loop.read(again, at: place, into: returned.regions().0, count: 1), 1 << 20)
      directory.close(again)
    }
    #expect(returned.equals(written))
  }

  /// Whether a plain open for direct I/O succeeds there.
  private static func knowsDirect(_ path: String) -> Bool {
    let file = Glibc.open("\(path)/probe", O_RDWR | O_CREAT | O_DIRECT, 0o600)
    if file >= 0 { Glibc.close(file) }
    return file >= 0
  }

  @Test func oneProcessHasIt() throws {
    let scratch = try Scratch()
    let (first, second) = (scratch.directory(), scratch.directory())
    #expect(try first.lock())
    #expect(try first.lock(), "it has it already")
    #expect(try !second.lock())
    #expect(try Self.exitCode(of: "/usr/bin/flock", "-n", "\(first.path)/lock", "true") == 1)
    first.unlock()
    #expect(try Self.exitCode(of: "/usr/bin/flock", "-n", "\(first.path)/lock", "true") == 0)
    #expect(try second.lock())
    #expect(try !first.lock())
  }

  private static func exitCode(of words: String...) throws -> Int32 {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    try #require(posix_spawn(&process, words[0], nil, nil, &arguments, environ) == 0)
    var status: Int32 = 0
    try #require(waitpid(process, &status, 0) == process)
    return status >> 8
  }

  /// Whatever the umask, and whatever the modes were.
  @Test func onlyItsOwnerMayReadIt() throws {
    let scratch = try Scratch()
    try Scratch.apart {
      umask(0o777)
      let directory = try scratch.taken()
      directory.close(try directory.make("new", byteCount: 4096))
      try scratch.write("", to: "disk/old", mode: 0)
      try #require(chmod("\(scratch.path)/disk/old", 0o666) == 0)
      directory.close(try directory.make("old", byteCount: 4096))
    }
    #expect(try scratch.status("disk").st_mode & 0o7777 == 0o700)
    for name in ["new", "old", "lock"] { #expect(try scratch.status("disk/\(name)").st_mode & 0o7777 == 0o600) }
  }

  @Test func aMadeFileIsExactlySoLong() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    for bytes in [1 << 20, 3 << 20, 1 << 16, 0] {
      let file = try directory.make("a", byteCount: bytes)
      directory.close(file)
      #expect(file.byteCount == bytes)
      #expect(try Int(scratch.status("disk/a").st_size) == bytes)
      let allocated = try directory.allocatedBytes()
      // Some file systems take some bytes for the file itself.
      if directory.claimsSpace { #expect((bytes...bytes + 1 << 16).contains(allocated), "\(allocated)") }
    }
  }

  @Test func aFileThatIsMadeAgainKeepsItsBytes() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    try scratch.write("before", to: "disk/a")
    directory.close(try directory.make("a", byteCount: 8192))
    #expect(try Self.beginning(of: "\(directory.path)/a", 8) == Array("before".utf8) + [0, 0])
  }

  private static func beginning(of path: String, _ count: Int) throws -> [UInt8] {
    let file = Glibc.open(path, O_RDONLY)
    try #require(file >= 0)
    defer { Glibc.close(file) }
    var bytes = [UInt8](repeating: 0xFF, count: count)
    #expect(read(file, &bytes, count) == count)
    return bytes
  }

  @Test func namesComeAndGo() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    #expect(try directory.names() == [])
    for name in ["c", "a", "b"] { directory.close(try directory.make(name, byteCount: 4096)) }
    try scratch.write("old", to: "disk/d")
    #expect(try directory.names() == ["a", "b", "c", "d"])
    try directory.rename("c", to: "d")
    try directory.remove("a")
    try directory.remove("a")
    try directory.sync()
    #expect(try directory.names() == ["b", "d"])
    #expect(try scratch.status("disk/d").st_size == 4096)
    #expect(try directory.open("a") == nil)
    #expect(throws: DirectoryFailure(.rename, "\(directory.path)/a", errno: ENOENT)) {
      try directory.rename("a", to: "b")
    }
  }

  @Test func onlyRegularFilesOfTheDirectoryAreOpened() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    try scratch.write("not ours", to: "other")
    for (name, target) in [("link", "../other"), ("dangling", "../none")] {
      try #require(symlink(target, "\(directory.path)/\(name)") == 0)
    }
    try #require(mkfifo("\(directory.path)/pipe", 0o600) == 0)
    try #require(mkdir("\(directory.path)/folder", 0o700) == 0)
    for (name, number) in [("link", ELOOP), ("dangling", ELOOP), ("pipe", EINVAL), ("folder", EISDIR)] {
      let failure = DirectoryFailure(.open, "\(directory.path)/\(name)", errno: number)
      #expect(throws: failure) { try directory.open(name) }
      #expect(throws: failure) { try directory.make(name, byteCount: 4096) }
    }
    #expect(try scratch.status("other").st_size == 8)
    #expect(try directory.names() == ["dangling", "folder", "link", "pipe"])
    #expect(throws: DirectoryFailure.self) { try directory.remove("folder") }
  }

  /// A directory that was moved away is ours until it is given up; then the path counts again.
  @Test func aDirectoryIsLookedForAgainOnceItIsGivenUp() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    directory.close(try directory.make("a", byteCount: 4096))
    try #require(rename(directory.path, "\(scratch.path)/away") == 0)
    #expect(try directory.names() == ["a"])
    directory.unlock()
    #expect(throws: DirectoryFailure(.open, directory.path, errno: ENOENT)) { try directory.names() }
    #expect(try directory.lock())
    #expect(try directory.names() == [])
  }

  @Test func theCacheForgetsWhatIsOnTheDevice() throws {
    let scratch = try Scratch()
    let directory = try scratch.taken()
    let bytes = 1 << 20
    let half = bytes / 2
    directory.close(try directory.make("a", byteCount: bytes))
    let buffer = Buffer(pattern: bytes)
    let file = Glibc.open("\(directory.path)/a", O_RDWR)
    defer { Glibc.close(file) }
    // Two writes: the cache may hold each as one piece, which goes whole.
    for start in [0, half] {
      try #require(pwrite(file, buffer.bytes.baseAddress! + start, half, off_t(start)) == half)
    }
    try #require(fsync(file) == 0)
    #expect(try Self.resident(file, bytes).allSatisfy { $0 })
    directory.dropCache(DeviceFile(descriptor: file, byteCount: bytes, isDirect: false), 0..<half)
    let resident = try Self.resident(file, bytes)
    // A file system in memory has nowhere else to keep the bytes.
    if Self.knowsDirect(scratch.path) { #expect(!resident[..<(resident.count / 2)].contains(true)) }
    #expect(!resident[(resident.count / 2)...].contains(false))
    let returned = Buffer(count: bytes)
    #expect(pread(file, returned.bytes.baseAddress!, bytes, 0) == bytes)
    #expect(returned.equals(buffer))
  }

  /// Of each page of a file whether the page cache has it.
  private static func resident(_ file: Int32, _ bytes: Int) throws -> [Bool] {
    let mapped = try #require(mmap(nil, bytes, PROT_READ, MAP_SHARED, file, 0))
    defer { munmap(mapped, bytes) }
    var pages = [UInt8](repeating: 0, count: bytes / Int(getpagesize()))
    try #require(mincore(mapped, bytes, &pages) == 0)
    return pages.map { $0 & 1 == 1 }
  }
}

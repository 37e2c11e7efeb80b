import Base
import Glibc
import Testing

@testable import IO

/// What is wrong with a directory is said in a line that helps.
@Suite(.patience)
struct DirectoryFailureTests {
  static let meanings: [(Int32, String)] = [
    (EACCES, "fsGroup"), (EPERM, "uid \(geteuid())"),
    (EROFS, "read-only"), (ENOSPC, "full"), (EDQUOT, "quota"),
    (ENOENT, "is not there"), (ELOOP, "symbolic link"),
    (ENOTDIR, "name a directory"), (EISDIR, "no regular file"),
    (EINVAL, "no regular file"), (ENOLCK, "no locks"),
    (EMFILE, "limit of open files"), (EIO, "kernel's log"),
    (ESTALE, "mount it again"), (EBADF, "(errno 9)"), (EPROTO, "(errno 71)"),
  ]

  @Test(arguments: meanings)
  func everyNumberHasARemedy(number: Int32, words: String) {
    let failure = DirectoryFailure(.claimSpace, "/data/a", errno: number)
    #expect(failure.description.hasPrefix("cannot claim space for /data/a: "))
    #expect(failure.description.contains(words) && !failure.description.contains("\n"), "\(failure)")
  }

  @Test func aDirectoryThatMayNotBeWrittenIsSaid() throws {
    let scratch = try Scratch()
    try #require(mkdir("\(scratch.path)/disk", 0o500) == 0)
    for name in ["disk", "disk/new"] {
      let failure = try Scratch.apart {
        Scratch.dropRootForFiles()
        return Self.failure { () throws(DirectoryFailure) in _ = try scratch.directory(name).lock() }
      }
      #expect(failure?.errno == EACCES, "\(String(describing: failure))")
    }
  }

  @Test func aPathThatLeadsNowhereIsSaid() throws {
    let scratch = try Scratch()
    try scratch.write("", to: "file")
    try #require(symlink("loop", "\(scratch.path)/loop") == 0)
    for (name, number) in [("none/disk", ENOENT), ("file", ENOTDIR), ("file/disk", ENOTDIR), ("loop", ELOOP)] {
      let failure = Self.failure { () throws(DirectoryFailure) in _ = try scratch.directory(name).lock() }
      #expect(failure?.errno == number && failure?.path == "\(scratch.path)/\(name)")
    }
  }

  /// More than the file system has at all, which it refuses without taking any.
  @Test func aFullDeviceIsMetWhenSpaceIsClaimed() throws {
    let scratch = try Scratch(in: "/dev/shm")
    let directory = try scratch.taken()
    try scratch.write("before", to: "disk/old")
    var system = statvfs()
    try #require(statvfs(directory.path, &system) == 0)
    let bytes = Int(system.f_blocks + 1) * Int(system.f_frsize)
    for name in ["new", "old"] {
      #expect(throws: DirectoryFailure(.claimSpace, "\(directory.path)/\(name)", errno: ENOSPC)) {
        try directory.make(name, byteCount: bytes)
      }
    }
    #expect(try directory.names() == ["old"])
    #expect(try scratch.status("disk/old").st_size == 6)
  }

  /// Here the space runs out on the way, and what was taken comes back.
  @Test(.enabled(if: PrivateMount.isPossible, "mounts are not permitted here"))
  func whatAFullDeviceGaveComesBack() throws {
    let scratch = try Scratch()
    try PrivateMount.of("tmpfs", "size=1m", at: scratch.path) {
      let directory = try scratch.taken()
      directory.close(try directory.make("a", byteCount: 600 << 10))
      for (name, bytes) in [("a", 1200 << 10), ("b", 600 << 10)] {
        let failure = Self.failure { () throws(DirectoryFailure) in _ = try directory.make(name, byteCount: bytes) }
        #expect(failure?.errno == ENOSPC)
      }
      #expect(try directory.names() == ["a"] && directory.allocatedBytes() == 600 << 10)
      try directory.remove("a")
      directory.close(try directory.make("b", byteCount: 900 << 10))
    }
  }

  @Test(.enabled(if: PrivateMount.isPossible, "mounts are not permitted here"))
  func aFileSystemThatBecameReadOnlyIsSaid() throws {
    let scratch = try Scratch()
    try PrivateMount.of("tmpfs", at: scratch.path) {
      let directory = try scratch.taken()
      directory.close(try directory.make("a", byteCount: 4096))
      directory.unlock()
      try PrivateMount.makeReadOnly(scratch.path)
      #expect(throws: DirectoryFailure(.open, "\(directory.path)/lock", errno: EROFS)) { try directory.lock() }
      #expect(throws: DirectoryFailure(.remove, "\(directory.path)/a", errno: EROFS)) { try directory.remove("a") }
      #expect(throws: DirectoryFailure(.make, "\(scratch.path)/new", errno: EROFS)) {
        try scratch.directory("new").lock()
      }
    }
  }

  /// A file is as long as it was asked for even so.
  @Test(.enabled(if: PrivateMount.isPossible, "mounts are not permitted here"))
  func aFileSystemThatNeitherClaimsSpaceNorKnowsDirectIsUsedAsItIs() throws {
    let scratch = try Scratch()
    try PrivateMount.of("ramfs", at: scratch.path) {
      let directory = try scratch.taken()
      #expect(directory.claimsSpace)
      let file = try directory.make("a", byteCount: 1 << 20)
      directory.close(file)
      #expect(!file.isDirect && !directory.claimsSpace)
      #expect(try scratch.status("disk/a").st_size == 1 << 20)
    }
  }

  private static func failure(of body: () throws(DirectoryFailure) -> Void) -> DirectoryFailure? {
    do throws(DirectoryFailure) {
      try body()
      return nil
    } catch {
      return error
    }
  }
}

import Foundation
import Testing

/// `lmcache-server disk`, over the directory that the tests of the format have.
@Suite struct DiskCommandTests {
  /// A copy of that directory, which goes with its test.
  private final class Directory {
    let path: String

    init() throws {
      let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../DiskTests/Golden")
      let copy = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)")
      try FileManager.default.copyItem(at: golden.standardized, to: copy)
      path = copy.path()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Changes a byte of a file.
    func damage(_ name: String, block: Int, byte: Int) throws {
      let file = URL(filePath: path).appending(path: name)
      var bytes = try Data(contentsOf: file)
      bytes[block * 4096 + byte] ^= 1
      try bytes.write(to: file)
    }

    func file(_ name: String) -> URL { URL(filePath: path).appending(path: name) }
  }

  private func run(_ words: [String]) throws -> (end: Child.End, said: String, complained: String) {
    let child = try Child(RunningServer.program, ["disk"] + words)
    let end = try child.wait()
    return (end, child.standardOutput, child.standardError)
  }

  private static let table = """
    device 0123456789abcdeffedcba9876543210
    format 1, epoch 2, segments of 80 KiB

    segment     life    state   records    living  living bytes  dead bytes
          0        3  flushed         0         0           0 B         0 B
          1        4   sealed         5         2        16 KiB      24 KiB
          2        5     open         5         4        40 KiB       8 KiB
          3        -     free         0         0           0 B         0 B
          4        1     free         0         0           0 B         0 B

    5 segments: 1 sealed, 1 open, 2 free, 1 flushed
    10 records, of which 6 live in 56 KiB and 4 are dead in 32 KiB

    """

  @Test func itSaysWhatADirectoryHolds() throws {
    let directory = try Directory()
    let run = try run([directory.path])
    #expect(run.end == .exited(0) && run.complained.isEmpty)
    #expect(run.said == "\(directory.path)\n\(Self.table)nothing is damaged; --verify reads the values as well\n")
  }

  @Test func itReadsWhatADirectoryHolds() throws {
    let directory = try Directory()
    let run = try run([directory.path, "--verify"])
    #expect(run.end == .exited(0))
    let end = "nothing is damaged, unfinished: 1; every living value was read\n"
    #expect(run.said == "\(directory.path)\n\(Self.table)\(end)")
    #expect(run.complained.contains("segment 2, block 14, key unfinished: its value"))
    #expect(run.complained.split(separator: "\n").count == 1, "\(run.complained)")
  }

  @Test func itListsWhatCanBeHad() throws {
    let directory = try Directory()
    let run = try run(["--keys", "file://\(directory.path)"])
    #expect(run.end == .exited(0) && run.complained.isEmpty)
    #expect(
      run.said == """
        2 4 1 200 0 replaced
        2 8 1 4097 32503680000000 lasting
        2 12 1 0 0 empty
        2 14 1 20 0 unfinished
        1 4 0 3000 0 model@1@0@chunk
        1 12 2 300 0 annotated

        """)
  }

  // MARK: Damage

  static let faults: [(file: String, block: Int, byte: Int, says: String)] = [
    ("segment-00000001", 5, 2999, "segment 1, block 4, key model@1@0@chunk: its value is not what was written"),
    ("segment-00000001", 12, 100, "segment 1, block 12, key annotated: its header is damaged"),
    ("segment-00000001", 1, 4000, "segment 1: a copy of its graves is damaged, block 1"),
    ("segment-00000002", 2, 4000, "segment 2: a copy of its graves is damaged, block 2"),
    ("segment-00000004", 0, 40, "segment 4: its header is damaged"),
  ]

  @Test(arguments: faults)
  func whatIsDamagedIsNamed(fault: (file: String, block: Int, byte: Int, says: String)) throws {
    let directory = try Directory()
    try directory.damage(fault.file, block: fault.block, byte: fault.byte)
    let run = try run([directory.path, "--verify"])
    #expect(run.end == .exited(1) && run.said.contains("damaged: 1, unfinished: 1;"))
    #expect(run.complained.contains("lmcache-server: \(directory.path): \(fault.says)"), "\(run.complained)")
    #expect(run.complained.split(separator: "\n").count == 2, "\(run.complained)")
  }

  @Test func whatFillsUpAValuesLastBlockIsNotPartOfIt() throws {
    let directory = try Directory()
    try directory.damage("segment-00000001", block: 5, byte: 3000)
    #expect(try run([directory.path, "--verify"]).end == .exited(0))
  }

  @Test func aSegmentThatWasCutShortIsDamaged() throws {
    let directory = try Directory()
    truncate(directory.file("segment-00000002").path(), 77_000)
    let run = try run([directory.path])
    #expect(run.end == .exited(1) && run.said.contains("damaged: 1;"))
    #expect(run.complained.contains("segment 2: it has 77000 bytes instead of 81920"))
  }

  @Test func aDamagedHeaderOfTheDeviceHasAnother() throws {
    let directory = try Directory()
    try directory.damage("device", block: 0, byte: 40)
    #expect(try run([directory.path]).end == .exited(0))
    try directory.damage("device", block: 1, byte: 40)
    let refused = try run([directory.path])
    #expect(refused.end == .exited(1) && refused.said.isEmpty)
    #expect(refused.complained.contains("/device is damaged, or of another program"))
  }

  // MARK: What cannot be looked at

  @Test func aDirectoryInUseIsLeftAlone() throws {
    let directory = try Directory()
    let lock = open(directory.file("lock").path(), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let refused = try run([directory.path])
    #expect(refused.end == .exited(2) && refused.said.isEmpty)
    #expect(
      refused.complained == "lmcache-server: \(directory.path): another process has this directory;"
        + " stop the server that uses it, and try again\n")
    flock(lock, LOCK_UN)
    #expect(try run([directory.path]).end == .exited(0))
  }

  @Test func anotherFormatIsLeftAlone() throws {
    let directory = try Directory()
    var bytes = try Data(contentsOf: directory.file("device"))
    (bytes[12], bytes[4096 + 12]) = (9, 9)
    try bytes.write(to: directory.file("device"))
    let refused = try run([directory.path])
    #expect(refused.end == .exited(2) && refused.said.isEmpty)
    #expect(refused.complained.contains("its format is 9, and this program knows 1"))
  }

  @Test(arguments: ["/nonexistent", "/proc", "/dev/null"])
  func whatIsNoDiskIsOneLine(path: String) throws {
    let refused = try run([path])
    #expect(refused.end == .exited(2) && refused.said.isEmpty)
    #expect(refused.complained.hasPrefix("lmcache-server: \(path): "))
    #expect(refused.complained.split(separator: "\n").count == 1, "\(refused.complained)")
  }

  /// A look leaves no trace: neither a file nor a byte.
  @Test func nothingIsChanged() throws {
    let directory = try Directory()
    func contents() throws -> [String: Data] {
      var files: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
        files[name] = try Data(contentsOf: directory.file(name))
      }
      return files
    }
    let before = try contents()
    for words in [["--verify"], ["--keys"], []] { _ = try run([directory.path] + words) }
    #expect(try contents() == before)
  }
}

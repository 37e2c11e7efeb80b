import Testing

@testable import Setup

/// The room below the limits of simulated machines.
struct MemoryRoomTests {
  private static let mib = 1 << 20
  private static let gib = 1 << 30

  private static func two(_ group: String, _ files: [String: String]) throws -> MemoryFixture {
    var contents = ["/proc/self/cgroup": "0::\(group)\n", "/proc/self/mountinfo": MemoryFixture.mountsTwo]
    for (path, text) in files { contents["/sys/fs/cgroup\(path)"] = text + "\n" }
    return try MemoryFixture(contents)
  }

  private static func room(_ fixture: MemoryFixture) -> Int? { MemoryRoom(files: fixture.files).bytes }

  /// In version two's form, with lines among them that must not be counted.
  private static func statistics(active: Int, inactive: Int, dirty: Int = 0, writeback: Int = 0, mapped: Int = 0)
    -> String
  {
    """
    anon 104857600
    file \(active + inactive + 7 * mib)
    shmem \(7 * mib)
    file_mapped \(mapped)
    file_dirty \(dirty)
    file_writeback \(writeback)
    inactive_anon 111
    active_anon 222
    inactive_file \(inactive)
    active_file \(active)
    unevictable 333
    """
  }

  @Test func versionTwo() throws {
    var files = ["/a/memory.max": "\(700 * Self.mib)", "/a/memory.current": "\(500 * Self.mib)"]
    #expect(try Self.room(Self.two("/a", files)) == 200 * Self.mib, "without statistics nothing can be freed")
    files["/a/memory.stat"] = Self.statistics(active: 40 * Self.mib, inactive: 30 * Self.mib)
    #expect(try Self.room(Self.two("/a", files)) == 270 * Self.mib)
    files["/a/memory.stat"] = Self.statistics(
      active: 40 * Self.mib, inactive: 30 * Self.mib, dirty: 5 * Self.mib, writeback: 3 * Self.mib,
      mapped: 20 * Self.mib)
    #expect(try Self.room(Self.two("/a", files)) == 242 * Self.mib)
    files["/a/memory.stat"] = Self.statistics(active: 4 * Self.mib, inactive: 0, dirty: 9 * Self.mib)
    #expect(try Self.room(Self.two("/a", files)) == 200 * Self.mib, "more dirty than there is frees nothing")
    files["/a/memory.current"] = "\(701 * Self.mib)"
    #expect(try Self.room(Self.two("/a", files)) == -Self.mib)
  }

  @Test func theSoftLimitCounts() throws {
    let files = [
      "/a/memory.max": "\(2 * Self.gib)", "/a/memory.high": "\(Self.gib)", "/a/memory.current": "\(Self.gib - 5)",
    ]
    #expect(try Self.room(Self.two("/a", files)) == 5)
  }

  /// The cgroup with the least room, which may differ from the one with the lowest limit.
  @Test func theTightestAncestorCounts() throws {
    let files = [
      "/kubepods/memory.max": "\(40 * Self.gib)", "/kubepods/memory.current": "\(40 * Self.gib - 300 * Self.mib)",
      "/kubepods/memory.stat": Self.statistics(active: 0, inactive: 100 * Self.mib),
      "/kubepods/pod/memory.max": "max", "/kubepods/pod/memory.current": "\(9 * Self.gib)",
      "/kubepods/pod/c/memory.max": "\(10 * Self.gib)", "/kubepods/pod/c/memory.current": "\(9 * Self.gib)",
    ]
    let fixture = try Self.two("/kubepods/pod/c", files)
    #expect(Self.room(fixture) == 400 * Self.mib)
    let room = MemoryRoom(files: fixture.files)
    try fixture.write("\(9 * Self.gib + 7)\n", to: "/sys/fs/cgroup/kubepods/pod/memory.max")
    #expect(room.bytes == 7, "a limit that comes later is seen")
    try fixture.write("max\n", to: "/sys/fs/cgroup/kubepods/pod/memory.max")
    try fixture.write("\(Self.gib)\n", to: "/sys/fs/cgroup/kubepods/memory.current")
    #expect(room.bytes == Self.gib)
  }

  @Test func versionOne() throws {
    var contents = [
      "/proc/self/cgroup": "11:memory:/a/b\n0::/u\n", "/proc/self/mountinfo": MemoryFixture.mountsHybrid,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "\(60 * Self.gib)\n",
      "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "\(2 * Self.gib)\n",
      "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "\(Self.gib)\n",
      "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "18446744073709551615\n",
      "/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes": "\(Self.gib)\n",
      "/sys/fs/cgroup/memory/a/memory.stat": """
      inactive_file 999999999
      active_file 999999999
      hierarchical_memory_limit \(2 * Self.gib)
      total_mapped_file 10
      total_dirty 100
      total_writeback 1000
      total_inactive_file 20000
      total_active_file 300000

      """,
    ]
    #expect(try Self.room(MemoryFixture(contents)) == Self.gib + 320_000 - 1110)
    // Ancestors that a container does not see.
    contents["/sys/fs/cgroup/memory/a/b/memory.stat"] = "hierarchical_memory_limit \(Self.gib + 42)\n"
    #expect(try Self.room(MemoryFixture(contents)) == 42)
  }

  @Test func withoutLimitWhatTheMachineHas() throws {
    let available = 41_943_040 * 1024
    #expect(try Self.room(MemoryFixture([:])) == available)
    let files = ["/a/memory.max": "max", "/a/memory.high": "max", "/a/memory.current": "\(Self.gib)"]
    #expect(try Self.room(Self.two("/a", files)) == available)
    // A limit above the machine's memory limits nothing, and a limit whose charge is unknown is ignored.
    #expect(
      try Self.room(Self.two("/a", ["/a/memory.max": "\(64 * Self.gib)", "/a/memory.current": "1"])) == available)
    #expect(try Self.room(Self.two("/a", ["/a/memory.max": "\(Self.gib)"])) == available)
  }

  @Test func nothingIsKnownWhereNothingIsTold() throws {
    #expect(try Self.room(MemoryFixture([:], meminfo: nil)) == nil)
    #expect(try Self.room(MemoryFixture([:], meminfo: "MemTotal: 100 kB\n")) == nil)
    #expect(try Self.room(MemoryFixture([:], meminfo: "MemTotal: 100 kB\nMemAvailable: 7 kB")) == 7 * 1024)
  }

  /// The files of the machine that runs the tests.
  @Test func theRealMachineTells() throws {
    let room = try #require(MemoryRoom().bytes)
    let total = try #require(MemoryLimit.ofMachine(SystemFiles())?.total.bytes)
    #expect(room < total)
  }
}

import Base
import Testing

@testable import Setup

/// Beside the memory tests because it reads the same simulated machines.
struct MemoryCPUQuotaTests {
  private static func loops(_ contents: [String: String], affinity: Int = 16) throws -> Int {
    let fixture = try MemoryFixture(contents)
    return CPUQuota.loops(files: fixture.files, affinity: affinity)
  }

  private static func versionTwo(_ limits: [String: String]) -> [String: String] {
    var contents = ["/proc/self/cgroup": "0::/pod/me\n", "/proc/self/mountinfo": MemoryFixture.mountsTwo]
    for (path, text) in limits { contents["/sys/fs/cgroup\(path)/cpu.max"] = text }
    return contents
  }

  @Test(arguments: [
    ("max 100000\n", 16), ("200000 100000\n", 2), ("250000 100000\n", 3), ("1000 100000\n", 1), ("50000 50000\n", 1),
    ("9000000 100000\n", 16), ("", 16), ("100000", 16), ("100000 0\n", 16), ("garbage 1\n", 16),
  ])
  func quotaOfVersionTwo(_ text: String, _ loops: Int) throws {
    #expect(try Self.loops(Self.versionTwo(["/pod/me": text])) == loops)
  }

  @Test func anAncestorsQuotaCounts() throws {
    #expect(try Self.loops(Self.versionTwo(["/pod/me": "800000 100000\n", "/pod": "400000 100000\n"])) == 4)
    #expect(try Self.loops(Self.versionTwo(["/pod/me": "800000 100000\n", "/pod": "max 100000\n"])) == 8)
  }

  @Test func quotaOfVersionOne() throws {
    var contents = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/a\n", "/proc/self/mountinfo": MemoryFixture.mountsHybrid,
      "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
    ]
    #expect(try Self.loops(contents) == 16)
    contents["/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us"] = "350000\n"
    #expect(try Self.loops(contents) == 4)
  }

  @Test func affinityAndBounds() throws {
    #expect(try Self.loops([:], affinity: 3) == 3)
    #expect(try Self.loops(Self.versionTwo(["/pod": "800000 100000\n"]), affinity: 2) == 2)
    #expect(try Self.loops([:], affinity: 0) == 1)
    #expect(try Self.loops([:], affinity: 4096) == Limits.loopsMax)
    #expect(CPUQuota.affinity() >= 1)
  }
}

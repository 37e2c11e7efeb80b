import Base
import Testing

@testable import Setup

struct MemoryBudgetTests {
  private static let gib = 1 << 30
  private static let noLimitOne = "9223372036854771712\n"
  private static let hybridGroups = "11:memory:/a/b\n4:cpu,cpuacct:/a/b\n1:name=systemd:/a/b\n0::/u/v\n"

  private static func budget(_ contents: [String: String], wanted: Int? = nil) throws -> MemoryBudget {
    let fixture = try MemoryFixture(contents)
    return try MemoryBudget.resolve(MemoryWish(bytes: wanted), files: fixture.files)
  }

  private static func versionTwo(group: String, _ limits: [String: String]) -> [String: String] {
    var contents = ["/proc/self/cgroup": "0::\(group)\n", "/proc/self/mountinfo": MemoryFixture.mountsTwo]
    for (path, text) in limits { contents["/sys/fs/cgroup\(path)"] = text + "\n" }
    return contents
  }

  @Test func withoutLimitHalfOfWhatIsFree() throws {
    let half = 41_943_040 * 1024 / 100 * 50
    #expect(try Self.budget([:]).bytes == half)
    #expect(try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": "max"])).bytes == half)
    // A limit above the machine's memory is no limit.
    #expect(try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": "\(64 * Self.gib)"])).bytes == half)
    let one = try Self.budget([
      "/proc/self/cgroup": Self.hybridGroups, "/proc/self/mountinfo": MemoryFixture.mountsHybrid,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": Self.noLimitOne,
      "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "18446744073709551615\n",
      "/sys/fs/cgroup/memory/a/b/memory.stat": "cache 0\nhierarchical_memory_limit 9223372036854771712\n",
    ])
    #expect(one.bytes == half)
    #expect(one.reason == "no memory limit, so 50 % of the 40 GiB that are free")
  }

  @Test func theLeastOfAllAncestorsCounts() throws {
    let group = "/kubepods.slice/kubepods-burstable.slice/pod1/container"
    let limits = [
      "/kubepods.slice/memory.max": "\(40 * Self.gib)",
      "/kubepods.slice/kubepods-burstable.slice/memory.max": "max",
      "/kubepods.slice/kubepods-burstable.slice/pod1/memory.max": "\(10 * Self.gib)",
      "/kubepods.slice/kubepods-burstable.slice/pod1/container/memory.max": "\(20 * Self.gib)",
    ]
    let expected = 10 * Self.gib - 10 * Self.gib * 12 / 100
    let budget = try Self.budget(Self.versionTwo(group: group, limits))
    #expect(budget.bytes == expected)
    #expect(
      budget.reason
        == "the memory limit of 10 GiB"
        + " (/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/pod1/memory.max) less 1.2 GiB")
    #expect(budget.warning == nil)
    // A sibling's limit does not apply.
    var withSibling = limits
    withSibling["/kubepods.slice/kubepods-burstable.slice/pod2/memory.max"] = "1000000"
    #expect(try Self.budget(Self.versionTwo(group: group, withSibling)).bytes == expected)
    // The soft limit slows the server to a crawl, so it counts as a limit.
    var withHigh = limits
    withHigh["/kubepods.slice/memory.high"] = "\(4 * Self.gib)"
    #expect(try Self.budget(Self.versionTwo(group: group, withHigh)).bytes == 4 * Self.gib - 4 * Self.gib * 12 / 100)
  }

  @Test func versionOneOnAHybridMachine() throws {
    let machine = ["/proc/self/cgroup": Self.hybridGroups, "/proc/self/mountinfo": MemoryFixture.mountsHybrid]
    var contents = machine
    contents["/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes"] = Self.noLimitOne
    contents["/sys/fs/cgroup/memory/a/memory.limit_in_bytes"] = "\(Self.gib)\n"
    contents["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = Self.noLimitOne
    #expect(try Self.budget(contents).bytes == Self.gib - (256 << 20))
    // A limit in the other version, if there is one, counts as well.
    contents["/sys/fs/cgroup/unified/u/memory.max"] = "\(Self.gib / 2)\n"
    #expect(try Self.budget(contents).bytes == 256 << 20)
  }

  @Test func containersOfVersionOne() throws {
    let group = "/kubepods/burstable/pod1/c0ffee"
    var contents = [
      "/proc/self/cgroup": "5:memory:\(group)\n3:cpu,cpuacct:\(group)\n",
      "/proc/self/mountinfo": MemoryFixture.mountsInContainerOne(group),
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "\(2 * Self.gib)\n",
    ]
    #expect(try Self.budget(contents).bytes == 2 * Self.gib - (256 << 20))
    // The pod's limit is in an ancestor that is not mounted here.
    contents["/sys/fs/cgroup/memory/memory.stat"] = "cache 12\nhierarchical_memory_limit \(Self.gib)\nrss 3\n"
    #expect(try Self.budget(contents).bytes == Self.gib - (256 << 20))
    // A cgroup inside the container's own.
    contents["/proc/self/cgroup"] = "5:memory:\(group)/inner\n"
    contents["/sys/fs/cgroup/memory/inner/memory.limit_in_bytes"] = "\(Self.gib / 2)\n"
    #expect(try Self.budget(contents).bytes == 256 << 20)
  }

  @Test(arguments: ["/", "/..", "/../../elsewhere", "/not/visible/here"])
  func aNamespaceHidesWhereWeAre(_ group: String) throws {
    let contents = Self.versionTwo(group: group, ["/memory.max": "\(Self.gib)"])
    #expect(try Self.budget(contents).bytes == Self.gib - (256 << 20))
  }

  @Test func aNamespaceSeenFromItsMount() throws {
    let mount = "31 23 0:27 /../../pod /sys/fs/cg\\040roup rw - cgroup2 cgroup2 rw\n"
    let contents = [
      "/proc/self/cgroup": "0::/../../pod/me\n", "/proc/self/mountinfo": mount,
      "/sys/fs/cg roup/me/memory.max": "\(Self.gib)\n",
    ]
    #expect(try Self.budget(contents).bytes == Self.gib - (256 << 20))
    // "/podium" is not inside "/pod".
    let stranger = [
      "/proc/self/cgroup": "0::/podium\n", "/proc/self/mountinfo": "31 23 0:27 /pod /cg rw - cgroup2 cgroup2 rw\n",
      "/cgium/memory.max": "1\n", "/cg/memory.max": "\(Self.gib)\n",
    ]
    #expect(try Self.budget(stranger).bytes == Self.gib - (256 << 20))
  }

  @Test func strangeFilesAreNoLimits() throws {
    let half = 41_943_040 * 1024 / 100 * 50
    for text in ["", "-1", "garbage", "12garbage", "99999999999999999999999999"] {
      #expect(try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": text])).bytes == half)
    }
    let strange = ["/proc/self/cgroup": "\n:\n0\n0::\n", "/proc/self/mountinfo": "- cgroup2\n1 2 3 - cgroup2 a b\n\n"]
    #expect(try Self.budget(strange).bytes == half)
  }

  @Test func theReserveIsTheLargerOfTwo() {
    #expect(MemoryBudget.reserve(of: Self.gib) == 256 << 20)
    #expect(MemoryBudget.reserve(of: 100 * Self.gib) == 12 * Self.gib)
    #expect(MemoryBudget.reserve(of: Int.max) == Int(UInt128(Int.max) * 12 / 100))
  }

  @Test func aLimitThatLeavesNothingIsRefused() throws {
    let least = (256 + 16) << 20
    #expect(try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": "\(least)"])).bytes == 16 << 20)
    let message =
      "the memory limit of 128 MiB (/sys/fs/cgroup/a/memory.max) leaves no memory for chunks: raise it to 512 MiB or"
      + " more, or say how much to use, for example: --memory 16 MiB"
    #expect(throws: OptionFailure(message: message, exitCode: 1)) {
      try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": "\(128 << 20)"]))
    }
    for bytes in [0, 1, least - 1] {
      #expect(throws: OptionFailure.self) {
        try Self.budget(Self.versionTwo(group: "/a", ["/a/memory.max": "\(bytes)"]))
      }
    }
  }

  @Test func aWantedBudget() throws {
    let limited = Self.versionTwo(group: "/a", ["/a/memory.max": "\(8 * Self.gib)"])
    #expect(try Self.budget(limited, wanted: 16 << 20) == .init(bytes: 16 << 20, reason: "asked for", warning: nil))
    let tight = try Self.budget(limited, wanted: 8 * Self.gib)
    #expect(tight.bytes == 8 * Self.gib)
    #expect(
      tight.warning
        == "8 GiB of the memory limit of 8 GiB (/sys/fs/cgroup/a/memory.max) leaves less than 983 MiB beside the"
        + " budget: the kernel may end the process")
    let tooMuch =
      "--memory 16 GiB is more than the memory limit of 8 GiB (/sys/fs/cgroup/a/memory.max); say at most 7 GiB, or"
      + " leave --memory and LMCACHE_SERVER_MEMORY out"
    #expect(throws: OptionFailure(message: tooMuch, exitCode: 2)) {
      try Self.budget(limited, wanted: 16 * Self.gib)
    }
    #expect(throws: OptionFailure.self) { try Self.budget(limited, wanted: 8 * Self.gib + 1) }
    #expect(throws: OptionFailure.self) { try Self.budget(limited, wanted: (16 << 20) - 1) }
    let machine =
      "--memory 65 GiB is more than the memory limit of 64 GiB (/proc/meminfo); say at most 56.3 GiB, or leave"
      + " --memory and LMCACHE_SERVER_MEMORY out"
    #expect(throws: OptionFailure(message: machine, exitCode: 2)) { try Self.budget([:], wanted: 65 * Self.gib) }
  }

  @Test func withoutMeminfo() throws {
    let bare = try MemoryFixture([:], meminfo: nil)
    #expect(try MemoryBudget.resolve(MemoryWish(bytes: Self.gib), files: bare.files).bytes == Self.gib)
    #expect(
      throws: OptionFailure(
        message: "cannot read from /proc/meminfo how much memory there is; say it, for example: --memory 4GiB",
        exitCode: 1)
    ) { try MemoryBudget.resolve(MemoryWish(bytes: nil), files: bare.files) }
    let limited = try MemoryFixture(
      Self.versionTwo(group: "/", ["/memory.max": "\(Self.gib)"]), meminfo: nil)
    #expect(try MemoryBudget.resolve(MemoryWish(bytes: nil), files: limited.files).bytes == Self.gib - (256 << 20))
    let old = try MemoryFixture([:], meminfo: "MemTotal: 1048576 kB\n")
    #expect(try MemoryBudget.resolve(MemoryWish(bytes: nil), files: old.files).bytes == Self.gib / 100 * 50)
  }

  @Test func thisMachineHasABudget() throws {
    #expect(try MemoryBudget.resolve(MemoryWish(bytes: nil)).bytes >= Limits.budgetBytesMin)
  }
}

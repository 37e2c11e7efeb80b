import Base
import Store
import Testing

@testable import Setup

/// Limits that change while the server runs, as SIGHUP reads them.
struct MemoryReloadTests {
  private static let mib = 1 << 20
  private static let two = "/sys/fs/cgroup/pod/memory.max"
  private static let one = "/sys/fs/cgroup/memory/pod/memory.limit_in_bytes"

  /// A machine with a limit in one of the two versions, a store whose budget follows it, and its log.
  private struct Machine {
    let fixture: MemoryFixture
    let limitFile: String
    let store: Store
    let pipe: LogPipe
    var log: Log { pipe.log }
    let reload: LimitReload
    let wish: MemoryWish

    init(version: CgroupMount.Version, limit: Int, wanted: Int? = nil, loopsFound: Int? = nil) throws {
      limitFile = version == .two ? two : one
      fixture = try MemoryFixture([
        "/proc/self/cgroup": version == .two ? "0::/pod\n" : "4:memory:/pod\n0::/\n",
        "/proc/self/mountinfo": version == .two ? MemoryFixture.mountsTwo : MemoryFixture.mountsHybrid,
        limitFile: "\(limit)\n",
      ])
      let budget = try MemoryBudget.resolve(MemoryWish(bytes: wanted), files: fixture.files)
      let reach = MemoryBudget.reach(of: budget, MemoryWish(bytes: wanted), files: fixture.files)
      store = try Store(StoreConfiguration(budgetBytes: budget.bytes, reachBytes: reach, hashSeed: 1))
      pipe = try LogPipe()
      reload = LimitReload(
        store: store, log: pipe.log, files: fixture.files, loopsFound: loopsFound)
      wish = MemoryWish(bytes: wanted)
    }

    var budget: Int { store.snapshot().budgetBytes }

    func limit(_ text: String) throws {
      try fixture.write(text + "\n", to: limitFile)
      run()
    }

    func run() { reload.run(wish, now: 0) }

    func lines() -> [String] { pipe.lines() }
  }

  @Test(arguments: [CgroupMount.Version.one, .two])
  func theBudgetFollowsTheLimit(version: CgroupMount.Version) throws {
    let machine = try Machine(version: version, limit: 1024 * Self.mib)
    #expect(machine.budget == 768 * Self.mib)
    try machine.limit("\(512 * Self.mib)")
    #expect(machine.budget == 256 * Self.mib)
    try machine.limit("\(8192 * Self.mib)")
    #expect(machine.budget == 8192 * Self.mib - 8192 * Self.mib * 12 / 100)
    try machine.limit("\(8192 * Self.mib)")
    // Without a limit half of the free memory, which is 40 GiB there.
    try machine.limit(version == .two ? "max" : "9223372036854771712")
    #expect(machine.budget == 41_943_040 * 1024 / 100 * 50)
    let file = machine.limitFile
    #expect(
      machine.lines() == [
        "info    memory budget 768 MiB -> 256 MiB reason=\"the memory limit of 512 MiB (\(file)) less 256 MiB\"",
        "info    memory budget 256 MiB -> 7 GiB reason=\"the memory limit of 8 GiB (\(file)) less 983 MiB\"",
        "info    memory budget stays 7 GiB reason=\"the memory limit of 8 GiB (\(file)) less 983 MiB\"",
        "info    memory budget 7 GiB -> 20 GiB"
          + " reason=\"no memory limit, so 50 % of the 40 GiB that are free\"",
      ])
  }

  @Test(arguments: [CgroupMount.Version.one, .two])
  func aFixedBudgetStaysWhileItFits(version: CgroupMount.Version) throws {
    let machine = try Machine(version: version, limit: 4096 * Self.mib, wanted: 1024 * Self.mib)
    try machine.limit("\(8192 * Self.mib)")
    #expect(machine.budget == 1024 * Self.mib)
    try machine.limit("\(1100 * Self.mib)")
    #expect(machine.budget == 1024 * Self.mib)
    try machine.limit("\(512 * Self.mib)")
    #expect(machine.budget == 256 * Self.mib)
    try machine.limit("\(4096 * Self.mib)")
    #expect(machine.budget == 1024 * Self.mib)
    let file = machine.limitFile
    #expect(
      machine.lines() == [
        "info    memory budget stays 1 GiB reason=\"fixed by --memory\"",
        "warning 1 GiB of the memory limit of 1.1 GiB (\(file)) leaves less than 256 MiB beside the budget: the kernel may"
          + " end the process",
        "info    memory budget stays 1 GiB reason=\"fixed by --memory\"",
        "warning --memory 1 GiB is more than the memory limit of 512 MiB (\(file)) now",
        "info    memory budget 1 GiB -> 256 MiB reason=\"the memory limit of 512 MiB (\(file)) less 256 MiB\"",
        "info    memory budget 256 MiB -> 1 GiB reason=\"fixed by --memory\"",
      ])
  }

  @Test func aLimitThatLeavesNothingChangesNothing() throws {
    let machine = try Machine(version: .two, limit: 1024 * Self.mib)
    try machine.limit("\(100 * Self.mib)")
    #expect(machine.budget == 768 * Self.mib)
    let line = machine.lines()[0]
    #expect(line.hasPrefix("error   memory budget stays 768 MiB reason=\"the memory limit of 100 MiB"))
  }

  @Test func whatIsPromisedIsTold() throws {
    let machine = try Machine(version: .two, limit: 1024 * Self.mib)
    while machine.store.populateAhead() {}
    let length = 30 * Self.mib
    for number in 0..<3 {
      let key = Array("k\(number)".utf8)
      var burst = TouchBurst()
      var reservation = machine.store.lane(0).begin(key: key.span.bytes, length: length, meta: nil, now: 0)!
      while reservation.extend(to: length, now: 0) == .wait { _ = machine.store.populateAhead() }
      reservation.advance(by: length, now: 0)
      reservation.publish(now: 0, burst: &burst)
      #expect(machine.store.lane(0).exists(key: key.span.bytes, kind: .plain, now: 0, burst: &burst))
    }
    try machine.limit("\(288 * Self.mib)")
    let line = machine.lines()[0]
    #expect(line.hasPrefix("info    memory budget 768 MiB -> 32 MiB reason="))
    #expect(line.contains("MiB beyond it are promised, read or arriving and go as that ends"), "\(line)")
  }

  @Test func memoryThatWeHoldIsFreeToUs() throws {
    let fixture = try MemoryFixture(["/proc/self/status": "Name:\tserver\nVmRSS:\t 4194304 kB\nThreads:\t5\n"])
    let budget = try MemoryBudget.resolve(MemoryWish(bytes: nil), files: fixture.files)
    #expect(budget.reason == "no memory limit, so 50 % of the 44 GiB that are free")
    #expect(MemoryBudget.reach(of: budget, MemoryWish(bytes: nil), files: fixture.files) == 64 << 30)
    #expect(MemoryBudget.reach(of: budget, MemoryWish(bytes: budget.bytes), files: fixture.files) == budget.bytes)
  }

  @Test func loopsStay() throws {
    let found = CPUQuota.affinity()
    let machine = try Machine(version: .two, limit: 1024 * Self.mib, loopsFound: found + 1)
    machine.run()
    #expect(
      machine.lines().last
        == "info    loops stay \(found + 1) reason=\"\(found) would fit the CPUs that are allowed now;"
        + " a restart changes them\"")
    let same = try Machine(version: .two, limit: 1024 * Self.mib, loopsFound: found)
    same.run()
    #expect(same.lines().count == 1)
  }
}

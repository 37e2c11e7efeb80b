import Foundation
import Testing

/// Limits of memory and CPU that change, or take effect, while the server runs.
@Suite(.serialized)
struct LimitTests {
  private static let chunk = 4 << 20
  /// The CPUs that this process, and so its server, may use; a machine may have more.
  private static let cores = {
    var set = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else { return 1 }
    return withUnsafeBytes(of: set) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
  }()

  /// On a busy machine a PUT may wait for populated memory in vain: then it is sent again.
  private func put(_ numbers: Range<Int>, _ client: LMPeer) throws {
    for number in numbers {
      let value = Payload.bytes(Self.chunk, seed: UInt64(number))
      try eventually("key \(number) is stored") {
        try client.put("key \(number)", value)
        return try client.exists("key \(number)")
      }
    }
  }

  private func count(_ numbers: Range<Int>, _ client: LMPeer) throws -> Int {
    try numbers.count { try client.holds("key \($0)", Payload.bytes(Self.chunk, seed: UInt64($0))) }
  }

  /// A smaller budget takes effect before everything beyond it is gone; the log says when it is.
  private func hangUp(_ server: RunningServer, until budget: Int) throws {
    let told = " -> \(budget >> 20) MiB"
    let before = server.log.components(separatedBy: told).count
    server.child.signal(SIGHUP)
    try eventually("the log tells of the budget\(told)") { server.log.components(separatedBy: told).count > before }
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(budget))
  }

  @Test(arguments: IODriver.available, PretendMachine.Version.allCases)
  func theBudgetFollowsTheLimit(driver: IODriver, version: PretendMachine.Version) throws {
    let machine = try PretendMachine(version, limitBytes: 320 << 20)
    let server = try RunningServer(driver, ["--lease", "0"], memory: nil, environment: machine.environment)
    let client = try server.lm()
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(64 << 20))
    try put(0..<14, client)
    #expect(try count(0..<14, client) == 14)
    try machine.limit(512 << 20)
    try hangUp(server, until: 256 << 20)
    try put(14..<58, client)
    #expect(try count(0..<58, client) == 58, "nothing was lost, and there is room for more")
    try machine.limit(320 << 20)
    try hangUp(server, until: 64 << 20)
    #expect(try server.metric("lmcache_server_memory_used_bytes") <= Double(64 << 20))
    #expect(try server.metric("lmcache_server_evictions_total{for=\"budget\"}") > 40)
    let kept = try count(0..<58, client)
    #expect(kept > 10 && kept < 17)
    let status = ProcessStatus(pid: server.child.pid)
    try eventually("the memory goes back") { try status.residentBytes() < 128 << 20 }
    #expect(server.log.contains("memory budget 64 MiB -> 256 MiB") && server.log.contains("256 MiB -> 64 MiB"))
    #expect(try server.stop() == .exited(0))
  }

  @Test
  func aFixedBudgetIsToldToBeFixed() throws {
    let machine = try PretendMachine(.two, limitBytes: 512 << 20)
    let server = try RunningServer(.epoll, memory: "64MiB", environment: machine.environment)
    try machine.limit(1024 << 20)
    server.child.signal(SIGHUP)
    try eventually("the log says so") { server.log.contains("memory budget stays 64 MiB reason=\"fixed by --memory\"") }
    server.child.signal(SIGHUP)
    #expect(try server.lm().health(), "a second SIGHUP ends nothing")
    #expect(try server.stop() == .exited(0))
  }

  /// The machine's memory, which sets the reserved addresses, is 4 GiB.
  @Test
  func whereAddressesAreFewTheBudgetCannotGrow() throws {
    let machine = try PretendMachine(.two, limitBytes: 320 << 20)
    let server = try RunningServer(
      .epoll, ["--lease", "0"], memory: nil, environment: machine.environment, shell: "ulimit -v \(3 << 20)")
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(64 << 20))
    try machine.limit(512 << 20)
    server.child.signal(SIGHUP)
    try eventually("the log says so") { server.log.contains("memory budget 64 MiB -> 64 MiB") }
    #expect(server.log.contains("reach no further"))
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(64 << 20))
    try put(0..<10, server.lm())
  }

  @Test(.enabled(if: Cgroup.isPossible(.memory), "making a memory cgroup needs root and a writable hierarchy"))
  func aRealMemoryLimit() throws {
    let cgroup = try Cgroup(.memory)
    defer { cgroup.remove() }
    try cgroup.limitMemory(bytes: 640 << 20)
    let server = try RunningServer(.epoll, ["--lease", "0"], memory: nil, shell: cgroup.entering)
    let client = try server.lm()
    #expect(try server.metric("lmcache_server_memory_budget_bytes") == Double(384 << 20))
    try put(0..<200, client)
    try cgroup.limitMemory(bytes: 512 << 20)
    try hangUp(server, until: 256 << 20)
    try put(200..<400, client)
    try cgroup.limitMemory(bytes: 1024 << 20)
    try hangUp(server, until: 768 << 20)
    // One connection's burst loses its tail first; another connection's is a prefix of its own.
    let other = try server.lm()
    try put(400..<580, other)
    #expect(try count(400..<580, other) == 180, "720 of 768 MiB")
    #expect(server.isRunning, "the kernel did not end it")
    #expect(try server.stop() == .exited(0))
  }

  @Test(
    .enabled(if: Cgroup.isPossible(.cpu), "making a cpu cgroup needs root and a writable hierarchy"),
    arguments: IODriver.available)
  func aFifthOfACore(driver: IODriver) throws {
    let cgroup = try Cgroup(.cpu)
    defer { cgroup.remove() }
    try cgroup.limitCPU(milliseconds: 20)
    let server = try RunningServer(driver, ["--lease", "0"], memory: "256MiB", shell: cgroup.entering)
    #expect(try server.metric("lmcache_server_loops") == 1)
    let tasks = "/proc/\(server.child.pid)/task"
    let threads = try FileManager.default.contentsOfDirectory(atPath: tasks).filter {
      // The kernel's own helpers of io_uring come and go.
      try !String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8).hasPrefix("iou-")
    }
    #expect(threads.count == 5, "the loop, and those that start, log, populate and wait for signals")
    let isOver = Flag()
    let load = Background {
      let client = try server.lm()
      var number = 0
      while !isOver.isSet {
        try put(number..<number + 4, client)
        #expect(try count(number..<number + 4, client) == 4)
        number += 4
      }
    }
    let before = try cgroup.throttled()
    try eventually("it was throttled often") {
      #expect(try server.status(of: "/livez") == 200 && server.status(of: "/health") == 200)
      #expect(try server.status(of: "/readyz") == 200 && server.lm().health())
      return try cgroup.throttled() > before + 20
    }
    isOver.set()
    try load.wait()
    let dropped = try server.metrics().sum("lmcache_server_dropped_puts_total")
    print("measured: \(driver) dropped \(dropped) PUTs with a fifth of a core")
    try cgroup.limitCPU(milliseconds: 150)
    server.child.signal(SIGHUP)
    // With one core nothing else would fit.
    try eventually("SIGHUP is answered") { server.log.contains("memory budget stays") }
    if Self.cores > 1 {
      try eventually("the log says that loops stay") { server.log.contains("loops stay 1 reason=\"2 would fit") }
    }
    #expect(try server.metric("lmcache_server_loops") == 1)
    #expect(try server.stop() == .exited(0))
  }
}

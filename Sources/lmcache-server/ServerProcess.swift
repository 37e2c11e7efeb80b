import Base
import Glibc
import IO
import Registry
import Server
import Setup
import Store
import Tier

/// A server on real threads: one a loop, one that populates memory ahead of use, one that waits for signals.
struct ServerProcess {
  private let server: Server
  private let store: Store
  private let loops: [EventLoop]
  private let deviceLoops: [EventLoop]
  private let reload: Reload
  /// Nil where TLS has no files.
  private let certificates: CertificateReload?

  /// Opens everything that can fail, so that a wrong option is one line and not half a server.
  /// - Parameter read: answers what the options would be now.
  static func make(
    _ options: ServerOptions, read: @escaping @Sendable () throws(OptionFailure) -> ServerOptions
  ) throws(OptionFailure) -> ServerProcess {
    let users = try UserSetup.make(options)
    let files = systemFiles()
    let loopCount = options.loops ?? CPUQuota.loops(files: files)
    let wish = MemoryWish(options)
    let budget = try MemoryBudget.resolve(wish, files: files)
    let connectionsMax = try connectionsMax(options)
    let choice = try choose(options.io, options.name(of: .io))
    let lending = LendingChoice.make(options.zeroCopy)
    let congestion = try choose(options.congestion, options.name(of: .congestion))
    let reach = MemoryBudget.reach(of: budget, wish, files: files)
    let disk = try DiskSetup.make(options)
    let store = try makeStore(
      options, budget: budget, reachBytes: reach, laneCount: loopCount + (disk?.deviceCount ?? 0),
      clientsMax: connectionsMax, disk: disk?.books)
    let loops = try makeLoops(loopCount, choice, lending, connectionsMax: connectionsMax)
    let deviceLoops = try disk?.makeLoops(from: loopCount, choice) ?? []
    let listener = try listen(options)
    let sharing = try SharingSetup.make(options)
    let lmListener = try AccessSetup.lmListener(options)
    let admin = try AccessSetup.admin(options)
    let tls = try TLSSetup.make(options)
    let doors = [listener, lmListener, sharing.lookupListener, sharing.peerListener, tls?.data, tls?.lookup, tls?.peer]
    for door in doors { door.map(congestion.prepare) }
    let log = try makeLog(options)
    let identity = ServerIdentity(
      version: Version.current, bootID: bootID(), startedAt: MonotonicClock.now(), driver: choice.kind.rawValue,
      driverReason: choice.reason)
    let server = Server(
      store: store, loops: loops, listener: listener, connectionsMax: connectionsMax, identity: identity, log: log,
      resp: users.configuration, sharing: sharing, congestion: congestion,
      tier: disk?.makeTier(store, deviceLoops, log), access: Access(AccessSetup.rules(options)), lmListener: lmListener,
      admin: admin, tls: tls)
    let port = ListeningSocket.port(of: listener)
    announce(
      options, budget, choice, lending, loopCount, connectionsMax, port: port,
      doors: ["data \(port)"] + openDoors(sharing, lmListener, admin, tls), log)
    announce(congestion, log)
    SharingSetup.announce(sharing, options, log)
    users.announce(log)
    announceShares(options, disk, log)
    AccessSetup.announce(options, lmListener: lmListener, admin, log)
    let certificates = CertificateReload([tls?.identity, sharing.lookupTrust], log)
    if let tls { TLSSetup.announce(tls, options, log) }
    certificates?.tellExpiry()
    let (room, registry) = (MemoryRoom(files: files), sharing.registry)
    store.watchRoom { room.bytes.map { $0 - (registry?.unusedBytes ?? 0) } }
    let limits = LimitReload(
      store: store, log: log, files: files, loopsFound: options.loops == nil ? loopCount : nil)
    let reload = Reload(
      options, log: log,
      parts: [
        limits, ConnectionReload(server: server, most: connectionsMax), RESPReload(server: server),
        AccessReload(server: server),
      ], read: read)
    return ServerProcess(
      server: server, store: store, loops: loops, deviceLoops: deviceLoops, reload: reload, certificates: certificates)
  }

  private static func announceShares(_ options: ServerOptions, _ disk: DiskSetup?, _ log: Log) {
    disk?.announce(log)
    for quota in options.quotas { log.info("quota \(quota.name)", ["size": .text(ByteSize.text(quota.bytes))]) }
  }

  /// As many as this process may open files for.
  private static func connectionsMax(_ options: ServerOptions) throws(OptionFailure) -> Int {
    let descriptors = raiseDescriptorLimit()
    // Each segment of a disk is an open file.
    let ofDisks = min((options.disk?.paths.count ?? 0) * Limits.segmentsMax, descriptors / 4)
    let most = min(options.connectionsMax, descriptors - Limits.ownDescriptors - ofDisks)
    guard most > 0 else {
      throw OptionFailure(
        message: "this process may open only \(descriptors) files; raise the limit (ulimit -n)",
        exitCode: ExitCode.machine)
    }
    return most
  }

  /// Runs until the server has drained.
  func run() throws(OptionFailure) {
    let (populating, threads): (Thread, [Thread])
    do {
      (populating, threads) = try startThreads()
    } catch {
      throw Self.failure(error)
    }
    for thread in threads { thread.join() }
    store.stopPopulation()
    populating.join()
    server.log.info("ended")
    server.log.close()
  }

  /// The one that populates memory, and those of the loops.
  private func startThreads() throws(Thread.Failure) -> (Thread, [Thread]) {
    let (server, store, loops, reload, certificates) = (server, store, loops + deviceLoops, reload, certificates)
    let populating = try Thread.start(name: "populate") {
      // No lower priority: on a busy node it starved for seconds, and bodies that waited for it were dropped.
      while store.waitForPopulationWork() {
        while store.populateAhead() { for loop in loops { loop.nudge() } }
      }
    }
    let signals = try Thread.start(name: "signals") {
      ProcessSignals.wait(
        reload: {
          reload.run(now: MonotonicClock.now())
          certificates?.run(force: true)
        }, first: { server.drain() })
    }
    signals.detach()
    if let certificates { try Thread.start(name: "certificates") { certificates.watch() }.detach() }
    server.start()
    var threads: [Thread] = []
    for loop in loops { threads.append(try Thread.start(name: "loop-\(loop.index)") { loop.run() }) }
    return (populating, threads)
  }

  // MARK: Parts

  private static func failure(_ failure: Thread.Failure) -> OptionFailure {
    OptionFailure(
      message: "\(failure); fewer --loops or a higher limit (ulimit -u, pids.max) may help", exitCode: ExitCode.machine)
  }

  private static func makeLog(_ options: ServerOptions) throws(OptionFailure) -> Log {
    do {
      return try Log(starting: options.logLevel, format: options.logFormat)
    } catch {
      throw failure(error)
    }
  }

  private static func choose(_ wish: DriverChoice.Wish, _ name: String) throws(OptionFailure) -> DriverChoice {
    do {
      return try DriverChoice.make(wish)
    } catch {
      throw OptionFailure(
        message: "\(name) \(wish.rawValue): \(error); --io auto falls back to epoll", exitCode: ExitCode.flag)
    }
  }

  private static func choose(_ wish: CongestionChoice.Wish, _ name: String) throws(OptionFailure) -> CongestionChoice {
    do {
      return try CongestionChoice.make(wish)
    } catch {
      throw OptionFailure(
        message: "\(name) '\(error.name)' \(error); --congestion auto takes what there is",
        exitCode: ExitCode.flag)
    }
  }

  /// A test of the whole program sets this variable, to show it another machine's limits.
  private static func systemFiles() -> SystemFiles {
    SystemFiles(root: getenv("LMCACHE_SERVER_SYSTEM_ROOT").map { String(cString: $0) } ?? "")
  }

  private static func makeStore(
    _ options: ServerOptions, budget: MemoryBudget, reachBytes: Int, laneCount: Int, clientsMax: Int,
    disk: DiskBooks?
  ) throws(OptionFailure) -> Store {
    var configuration = StoreConfiguration(
      budgetBytes: budget.bytes, reachBytes: reachBytes, leaseSeconds: options.leaseSeconds,
      hashSeed: UInt64.random(in: 0...UInt64.max),
      laneCount: laneCount, clientsMax: clientsMax + Limits.reserveConnections)
    configuration.policy = options.policy
    configuration.besideBytes = Limits.statusBytes
    configuration.disk = disk
    configuration.quotas = options.quotas
    configuration.notesChanges = options.lookupURL != nil
    // Where the system does not overcommit, or addresses are limited, the budget is all there is and cannot grow.
    if let store = try? Store(configuration) { return store }
    configuration.reachBytes = budget.bytes
    do {
      return try Store(configuration)
    } catch {
      throw OptionFailure(message: "\(options.name(of: .memory)): \(error)", exitCode: ExitCode.flag)
    }
  }

  private static func makeLoops(
    _ count: Int, _ choice: DriverChoice, _ lending: LendingChoice, connectionsMax: Int
  ) throws(OptionFailure) -> [EventLoop] {
    // A RESP connection waits in two verbs at a time; accepting and draining need a few more.
    let verbsMax = 2 * (connectionsMax + Limits.reserveConnections) + 64
    var loops: [EventLoop] = []
    do {
      for index in 0..<count {
        let driver = try choice.makeDriver(verbsMax: verbsMax, lends: lending.lends)
        loops.append(EventLoop(index: index, driver: driver, verbsMax: verbsMax))
      }
    } catch {
      throw OptionFailure(message: "\(error); fewer --loops or --io epoll may help", exitCode: ExitCode.machine)
    }
    return loops
  }

  /// Raises the soft limit on open files to the hard one and returns it.
  private static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return Int(min(limit.rlim_cur, UInt(Int32.max)))
  }

  private static func listen(_ options: ServerOptions) throws(OptionFailure) -> Int32 {
    do {
      return try ListeningSocket.open(host: options.host, port: options.port)
    } catch {
      throw OptionFailure(message: "\(error)", exitCode: ExitCode.flag)
    }
  }

  private static func announce(
    _ options: ServerOptions, _ budget: MemoryBudget, _ choice: DriverChoice, _ lending: LendingChoice, _ loops: Int,
    _ connectionsMax: Int, port: UInt16, doors: [String], _ log: Log
  ) {
    log.info(
      "lmcache-server \(Version.current) listening",
      [
        "host": .text(options.host.isEmpty ? "*" : options.host), "port": .number(Int(port)),
        "budget": .text(ByteSize.text(budget.bytes)), "loops": .number(loops), "driver": .text(choice.kind.rawValue),
        "doors": .text(doors.joined(separator: ", ")),
      ])
    log.info("memory budget \(ByteSize.text(budget.bytes))", ["reason": .text(budget.reason)])
    if let warning = budget.warning { log.warning("\(warning)") }
    log.info("io \(choice.kind.rawValue)", ["reason": .text(choice.reason), "loops": .number(loops)])
    log.info("zero copy \(lending.lends ? "on" : "off")", ["reason": .text(lending.reason)])
    if let file = options.configuration {
      log.info("configuration read", ["file": .text(file.path), "reason": .text(file.reason)])
    }
    if connectionsMax < options.connectionsMax {
      log.warning(
        "at most \(connectionsMax) connections instead of \(options.connectionsMax): the limit on open files is low")
    }
  }

  private static func openDoors(
    _ sharing: Sharing, _ lmListener: Int32?, _ admin: AdminDoor?, _ tls: TLSDoors?
  ) -> [String] {
    let doors = [
      ("lm", lmListener), ("lookup", sharing.lookupListener), ("peer", sharing.peerListener), ("tls", tls?.data),
      ("tls lookup", tls?.lookup), ("tls peer", tls?.peer), ("admin", admin?.listener),
      ("tls admin", tls?.admin),
    ]
    return doors.compactMap { name, listener in listener.map { "\(name) \(ListeningSocket.port(of: $0))" } }
  }

  private static func announce(_ congestion: CongestionChoice, _ log: Log) {
    let (local, remote) = (congestion.local, congestion.remote)
    log.info(
      "congestion control \(local == remote ? local : "\(local) for peers on this host, \(remote) for others")",
      ["reason": .text(congestion.reason)])
  }

  private static func bootID() -> String {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

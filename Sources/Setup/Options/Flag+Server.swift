import Base
import IO
import Store

/// The records of what every server has.
extension Flag {
  static let all =
    aboutConfiguration + general + aboutAccess + [disk] + aboutDisks + aboutSharing
    + aboutTLS + aboutTenants

  private static let general = [
    host, port, memory, loops, io, lease, policy, zeroCopy, congestion, connectionsMax, logLevel, logFormat,
    requirepass, allowFlush,
  ]

  /// The password itself has no flag: command lines are shown to every user of the machine.
  static let passwordVariable = "LMCACHE_SERVER_PASSWORD"

  static let standards = ServerOptions()

  package static let host = Flag(
    "host", takes: "ADDRESS", "the address to listen on", standard: "every address, IPv6 and IPv4",
    example: "0.0.0.0", sets: \.host
  ) { (setting) throws(OptionFailure) in try setting.host() }

  package static let port = Flag(
    "port", takes: "PORT", "the port to listen on; 0 takes a free one", standard: "\(standards.port)",
    example: "\(Limits.portDefault)", sets: \.port
  ) { (setting) throws(OptionFailure) in try setting.port() }

  package static let memory = Flag(
    "memory", takes: "SIZE",
    "memory for chunks and all that comes with them, at least \(ByteSize.text(Limits.budgetBytesMin))",
    standard: "the memory limit less the larger of 256 MiB and 12 %; half of what is free without a limit",
    example: "40GiB", sets: \.memoryBytes
  ) { (setting) throws(OptionFailure) in try setting.bytes() }

  package static let loops = Flag(
    "loops", takes: "N", "event loops, a thread each", standard: "the CPUs this process may use", example: "4",
    sets: \.loops
  ) { (setting) throws(OptionFailure) in try setting.number(in: 1...Limits.loopsMax, called: "a number") }

  package static let io = Flag(
    "io", takes: choices(of: DriverChoice.Wish.self), "how bytes are moved",
    standard: "\(standards.io.rawValue): io_uring where it works, else epoll",
    example: DriverChoice.Wish.epoll.rawValue, sets: \.io
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let lease = Flag(
    "lease", takes: "SECONDS",
    "the most that positive EXISTs keep a chunk that is not fetched, 0 to \(Limits.leaseSecondsMax);"
      + " 0 promises nothing",
    standard: "\(standards.leaseSeconds)", example: "\(Limits.leaseSecondsDefault)", sets: \.leaseSeconds
  ) { (setting) throws(OptionFailure) in
    try setting.number(in: 0...Limits.leaseSecondsMax, called: "a number of seconds")
  }

  package static let policy = Flag(
    "policy", takes: choices(of: EvictionPolicy.self), "what goes when memory is full",
    standard: "\(standards.policy.rawValue): what is least likely to come back; lru: what was not used for longest",
    example: EvictionPolicy.lru.rawValue, sets: \.policy
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let zeroCopy = Flag(
    "zero-copy", takes: choices(of: LendingChoice.Wish.self),
    "whether the kernel sends large values from their pages, without copying them",
    standard: "\(standards.zeroCopy.rawValue): where it works", example: LendingChoice.Wish.off.rawValue,
    sets: \.zeroCopy
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let congestion = Flag(
    "congestion", takes: "auto|NAME", "the TCP congestion control of accepted connections",
    standard: "auto: the host's; cubic for peers on this host where the host's is bbr", example: "cubic",
    sets: \.congestion
  ) { (setting) throws(OptionFailure) in try setting.congestion() }

  package static let connectionsMax = Flag(
    "max-connections", takes: "N", "connections kept at once", standard: "\(standards.connectionsMax)",
    example: "\(Limits.connectionsDefault)", sets: \.connectionsMax
  ) { (setting) throws(OptionFailure) in try setting.number(in: 1...Limits.connectionsMax, called: "a number") }

  package static let logLevel = Flag(
    "log-level", takes: choices(of: LogLevel.self), "the least important lines that are written",
    standard: standards.logLevel.rawValue, example: LogLevel.info.rawValue, sets: \.logLevel
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let logFormat = Flag(
    "log-format", takes: choices(of: LogFormat.self), "how lines are written to stderr",
    standard: standards.logFormat.rawValue, example: LogFormat.json.rawValue, sets: \.logFormat
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let requirepass = Flag(
    "requirepass", takes: "FILE",
    "the file with the password of RESP clients; or set \(passwordVariable) to the password",
    standard: "nobody is asked", example: "/run/secrets/resp", sets: \.passwordFile
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let allowFlush = Flag(
    "allow-flush", takes: choices(of: Switch.self), "whether RESP clients may FLUSHDB and FLUSHALL",
    standard: Switch.no.rawValue, example: Switch.yes.rawValue, isSwitch: true, sets: \.allowsFlush
  ) { (setting) throws(OptionFailure) in try setting.choice() as Switch == .yes }
}

/// The record of the file that other settings may stand in. Its variable is the one by which engines find theirs.
extension Flag {
  static let aboutConfiguration = [configuration]

  /// A file does not name another.
  static var inFiles: [Flag] { all.filter { $0 != configuration } }

  package static let configuration = Flag(
    "config", variable: "LMCACHE_CONFIG_FILE", takes: "FILE",
    "a YAML file with settings, also one that engines read; flags and variables win over it", standard: "none",
    example: "/etc/lmcache-server/config.yaml", sets: \.configurationPath
  ) { (setting) throws(OptionFailure) in try setting.path() }
}

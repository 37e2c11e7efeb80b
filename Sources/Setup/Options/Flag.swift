import Base
import IO

/// The flags that take a value. Their names, their variables and their help are read from here and nowhere else.
enum Flag: String, CaseIterable {
  case host, port, memory, loops, io, lease
  case zeroCopy = "zero-copy"
  case congestion
  case connectionsMax = "max-connections"
  case logLevel = "log-level"
  case logFormat = "log-format"
  case requirepass
  case allowFlush = "allow-flush"

  /// The password itself; there is no flag for it, for command lines are shown to everybody.
  static let passwordVariable = "LMCACHE_SERVER_PASSWORD"
  case lookup
  case registryMemory = "registry-memory"
  case peer
  case peerAdvertise = "peer-advertise"
  case peerAllow = "peer-allow"
  case peerCheck = "peer-check"
  case lookupURL = "lookup-url"

  var name: String { "--" + rawValue }

  var variable: String {
    switch self {
    // As the engines that are to find these have them.
    case .lookup: "LMCACHE_LOOKUP_URL"
    case .peer: "LMCACHE_DISTRIBUTED_URL"
    default: "LMCACHE_SERVER_" + upperName
    }
  }

  private var upperName: String {
    String(rawValue.uppercased().map { $0 == "-" ? "_" : $0 })
  }

  var placeholder: String {
    switch self {
    case .host: "ADDRESS"
    case .port: "PORT"
    case .memory, .registryMemory: "SIZE"
    case .lookup, .peer, .peerAdvertise: "HOST:PORT"
    case .peerAllow: "BLOCKS"
    case .peerCheck: "off|SECONDS"
    case .lookupURL: "URL"
    case .loops, .connectionsMax: "N"
    case .io: Flag.choices(of: DriverChoice.Wish.self)
    case .zeroCopy: Flag.choices(of: LendingChoice.Wish.self)
    case .congestion: "auto|NAME"
    case .lease: "SECONDS"
    case .logLevel: Flag.choices(of: LogLevel.self)
    case .logFormat: Flag.choices(of: LogFormat.self)
    case .requirepass: "FILE"
    case .allowFlush: Flag.choices(of: Switch.self)
    }
  }

  /// Whether its name alone says yes.
  var isSwitch: Bool { self == .allowFlush }

  var meaning: String {
    switch self {
    case .host: "the address to listen on"
    case .port: "the port to listen on; 0 takes a free one"
    case .memory: "memory for chunks and all that comes with them, at least \(ByteSize.text(Limits.budgetBytesMin))"
    case .loops: "event loops, a thread each"
    case .io: "how bytes are moved"
    case .zeroCopy: "whether the kernel sends large values from their pages, without copying them"
    case .congestion: "the TCP congestion control of accepted connections"
    case .lease:
      "the most that positive EXISTs keep a chunk that is not fetched, 0 to \(Limits.leaseSecondsMax); 0 promises nothing"
    case .connectionsMax: "connections kept at once"
    case .logLevel: "the least important lines that are written"
    case .logFormat: "how lines are written to stderr"
    case .requirepass:
      "the file with the password of RESP clients; or set \(Flag.passwordVariable) to the password"
    case .allowFlush: "whether RESP clients may FLUSHDB and FLUSHALL"
    case .lookup: "serve a lookup registry here, for engines up to 0.3.6"
    case .registryMemory:
      "memory for the registry's entries, beside the chunks', at least \(ByteSize.text(Limits.registryBytesMin))"
    case .peer: "serve chunks here as an engine up to 0.3.6 does to others"
    case .peerAdvertise: "where others reach --peer"
    case .peerAllow: "addresses that may be checked whoever names them, as in 10.0.0.0/8,192.168.1.5"
    case .peerCheck: "how often the registry looks whether the engines that it names are there"
    case .lookupURL: "announce the chunks held here in this Redis, under --peer's address"
    }
  }

  var defaultText: String {
    let defaults = ServerOptions()
    return switch self {
    case .host: "every address, IPv6 and IPv4"
    case .port: "\(defaults.port)"
    case .memory: "the memory limit less the larger of 256 MiB and 12 %; half of what is free without a limit"
    case .loops: "the CPUs this process may use"
    case .io: "\(defaults.io.rawValue): io_uring where it works, else epoll"
    case .zeroCopy: "\(defaults.zeroCopy.rawValue): where it works"
    case .congestion: "auto: the host's; cubic for peers on this host where the host's is bbr"
    case .lease: "\(defaults.leaseSeconds)"
    case .connectionsMax: "\(defaults.connectionsMax)"
    case .logLevel: defaults.logLevel.rawValue
    case .logFormat: defaults.logFormat.rawValue
    case .requirepass: "nobody is asked"
    case .allowFlush: Switch.no.rawValue
    case .lookup, .peer, .lookupURL: "none"
    case .registryMemory: ByteSize.text(defaults.registryBytes)
    case .peerAdvertise: "the address of --peer, if it is one"
    case .peerAllow: "none: only the address that names itself"
    case .peerCheck: defaults.peerCheckSeconds.map(String.init) ?? "off"
    }
  }

  /// A value that would have been fine.
  var example: String {
    switch self {
    case .host: "0.0.0.0"
    case .port: "\(Limits.portDefault)"
    case .memory: "40GiB"
    case .loops: "4"
    case .io: DriverChoice.Wish.epoll.rawValue
    case .zeroCopy: LendingChoice.Wish.off.rawValue
    case .congestion: "cubic"
    case .lease: "\(Limits.leaseSecondsDefault)"
    case .connectionsMax: "\(Limits.connectionsDefault)"
    case .logLevel: LogLevel.info.rawValue
    case .logFormat: LogFormat.json.rawValue
    case .requirepass: "/run/secrets/resp"
    case .allowFlush: Switch.yes.rawValue
    case .lookup: "0.0.0.0:8100"
    case .registryMemory: "1GiB"
    case .peer: "0.0.0.0:8200"
    case .peerAdvertise: "10.1.2.3:8200"
    case .peerAllow: "10.0.0.0/8"
    case .peerCheck: "\(Limits.ownerCheckSecondsDefault)"
    case .lookupURL: "redis://10.1.2.3:6379/0"
    }
  }

  static func choices<Choice: CaseIterable & RawRepresentable>(of: Choice.Type) -> String
  where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: "|")
  }
}

import Base
import Glibc

/// Reads the command line and the environment. A flag or an argument wins over a variable, and of a flag given twice
/// the last counts.
package enum OptionParser {
  /// `program` is what the program was called by, perhaps with a path; `arguments` are what followed. `environment`
  /// answers nil for what is not set.
  package static func parse(
    _ arguments: [String], program: String = "lmcache-server",
    environment: (String) -> String? = OptionParser.variable
  ) throws(OptionFailure) -> Command {
    if program.split(separator: "/").last ?? "" == PythonStandIn.name { return try PythonStandIn.parse(arguments) }
    if arguments.contains("--help") || arguments.contains("-h") { return .help }
    if arguments.contains("--version") { return .version }
    let line = try CommandLineWords(arguments)
    if line.positionals.first == "probe" {
      guard line.flags.isEmpty else { throw notAProbe }
      return try probe(line.positionals.dropFirst())
    }
    return .serve(try options(line, environment))
  }

  /// Whether the server is started as LMCache's own is, whose failures all end with the same status.
  package static func isPositionalForm(_ arguments: [String]) -> Bool {
    guard let first = arguments.first else { return false }
    return !first.hasPrefix("-") && first != "probe"
  }

  /// The process's own environment.
  package static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  static func probe(_ place: ArraySlice<String>) throws(OptionFailure) -> Command {
    guard place.count == 2, let host = place.first.map(Setting.withoutBrackets), !host.isEmpty, let last = place.last
    else { throw notAProbe }
    let port = Setting(flag: .port, origin: .positional, text: last)
    return .probe(host: host, port: try port.port())
  }

  private static var notAProbe: OptionFailure {
    OptionFailure(
      message: "probe takes a host, a port and nothing else; for example: lmcache-server probe 127.0.0.1 65432",
      exitCode: ExitCode.positional)
  }

  private static func options(
    _ line: CommandLineWords, _ environment: (String) -> String?
  ) throws(OptionFailure) -> ServerOptions {
    var options = ServerOptions()
    let positionals = try hostAndPort(line)
    for flag in Flag.allCases {
      let fromLine = positionals[flag] ?? line.flags[flag]
      guard let setting = fromLine ?? fromEnvironment(flag, environment) else { continue }
      try apply(setting, to: &options)
    }
    options.password = environment(Flag.passwordVariable)
    return options
  }

  private static func apply(_ setting: Setting, to options: inout ServerOptions) throws(OptionFailure) {
    switch setting.flag {
    case .host: options.host = setting.host()
    case .port: options.port = try setting.port()
    case .memory: options.memoryBytes = try setting.bytes()
    case .loops: options.loops = try setting.number(in: 1...Limits.loopsMax, called: "a number")
    case .io: options.io = try setting.choice()
    case .zeroCopy: options.zeroCopy = try setting.choice()
    case .congestion: options.congestion = try setting.congestion()
    case .lease:
      options.leaseSeconds = try setting.number(in: 0...Limits.leaseSecondsMax, called: "a number of seconds")
    case .connectionsMax:
      options.connectionsMax = try setting.number(in: 1...Limits.connectionsMax, called: "a number")
    case .logLevel: options.logLevel = try setting.choice()
    case .logFormat: options.logFormat = try setting.choice()
    case .requirepass: options.passwordFile = try setting.path()
    case .allowFlush: options.allowsFlush = try setting.choice() as Switch == .yes
    case .lookup: options.lookup = try setting.address()
    case .registryMemory: options.registryBytes = try setting.registryBytes()
    case .peer: options.peer = try setting.address()
    case .peerAdvertise: options.peerAdvertise = try setting.reachableAddress()
    case .peerAllow: options.peerAllow = try setting.addressBlocks()
    case .peerCheck: options.peerCheckSeconds = try setting.secondsOrOff()
    case .lookupURL: options.lookupURL = try setting.redisURL()
    }
  }

  /// The form of LMCache's own server: `<host> <port> [device]`.
  private static func hostAndPort(_ line: CommandLineWords) throws(OptionFailure) -> [Flag: Setting] {
    let words = line.positionals
    if words.isEmpty { return [:] }
    guard words.count == 2 || words.count == 3 else {
      throw OptionFailure(
        message: "expected <host> <port> [device], got \(words.count) argument\(words.count == 1 ? "" : "s")"
          + " beginning with \(OptionFailure.quoted(words[0])); for example: lmcache-server 0.0.0.0 65432",
        exitCode: ExitCode.positional)
    }
    if let twice = [Flag.host, .port].first(where: { line.flags[$0] != nil }) {
      throw OptionFailure(
        message: "the \(twice.rawValue) is given twice, as an argument and as \(twice.name); drop \(twice.name)",
        exitCode: ExitCode.flag)
    }
    guard words.count == 2 || words[2] == "cpu" else {
      throw OptionFailure(
        message: "device \(OptionFailure.quoted(words[2])) is not supported: chunks are kept in memory;"
          + " leave it out or say cpu, for example: lmcache-server 0.0.0.0 65432 cpu",
        exitCode: ExitCode.positional)
    }
    return [
      .host: Setting(flag: .host, origin: .positional, text: words[0]),
      .port: Setting(flag: .port, origin: .positional, text: words[1]),
    ]
  }

  private static func fromEnvironment(_ flag: Flag, _ environment: (String) -> String?) -> Setting? {
    guard let text = environment(flag.variable), !text.isEmpty else { return nil }
    // For a Service named lmcache-server, Kubernetes sets LMCACHE_SERVER_PORT=tcp://10.0.0.1:80 in every pod near it.
    if flag == .port, ["tcp://", "udp://", "sctp://"].contains(where: text.hasPrefix) { return nil }
    return Setting(flag: flag, origin: .variable, text: text)
  }
}

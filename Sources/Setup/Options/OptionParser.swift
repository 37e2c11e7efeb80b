import Base
import Glibc
import Manual

/// What the command line asks for.
package enum Command: Equatable, Sendable {
  case serve(ServerOptions)
  /// What it would serve with.
  case show(ServerOptions)
  case tool(ToolCommand)
  case disk(DiskCommand)
  case tell(Telling)
  case help
  case toolHelp(Tool)
  case version
}

/// Reads the command line, the environment and the configuration file. A flag or an argument wins over a variable, and
/// that over the file. Of a flag given twice the last counts, unless it may be repeated.
package enum OptionParser {
  /// `program` is what the program was called by, perhaps with a path; `arguments` are what followed. `environment`
  /// answers nil for what is not set, `file` with the bytes at a path.
  package static func parse(
    _ arguments: [String], program: String = "lmcache-server",
    environment: (String) -> String? = OptionParser.variable,
    file: (String) throws(OptionFailure) -> [UInt8] = ConfigurationText.read
  ) throws(OptionFailure) -> Command {
    if program.split(separator: "/").last ?? "" == pythonName { return try standIn(arguments) }
    let tool = arguments.first.flatMap(Tool.init)
    // A tool's words may be a client's keys, behind what says so.
    let asked = tool == nil ? arguments[...] : arguments.prefix { $0 != "--" }
    if asked.contains("--help") || asked.contains("-h") { return tool.map(Command.toolHelp) ?? .help }
    if asked.contains("--version") { return .version }
    if let tool { return .tool(try ToolCommand(tool, arguments.dropFirst())) }
    if arguments.first == DiskCommand.word { return .disk(try DiskCommand(arguments.dropFirst())) }
    if let telling = try Telling(arguments) { return .tell(telling) }
    let shows = arguments.contains(showing)
    let line = try CommandLineWords(arguments.filter { $0 != showing })
    let options = try options(line, environment, file)
    return shows ? .show(options) : .serve(options)
  }

  static let showing = "--print-config"

  /// Whether the server is started as LMCache's own is, whose failures all end with the same status.
  package static func isPositionalForm(_ arguments: [String]) -> Bool {
    guard let first = arguments.first else { return false }
    return !first.hasPrefix("-") && !ServerCommands.isCommand(first)
  }

  /// The process's own environment.
  package static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  private static let pythonName = "python3"
  private static let probeScript = "/workspace/LMCache/examples/kubernetes/health_probe.py"

  /// Charts for LMCache's own server probe it with a script in Python. An image of this server has no Python: the program
  /// stands there under that name too, and does what the script would do.
  private static func standIn(_ arguments: [String]) throws(OptionFailure) -> Command {
    guard arguments.count == 3, arguments[0] == probeScript else {
      throw OptionFailure(
        message: "this \(pythonName) stands in for the probe of LMCache's charts and runs no Python;"
          + " it understands only: \(pythonName) \(probeScript) HOST PORT",
        exitCode: ExitCode.positional)
    }
    return .tool(try ToolCommand(.probe, arguments.dropFirst()))
  }

  private static func options(
    _ line: CommandLineWords, _ environment: (String) -> String?, _ read: (String) throws(OptionFailure) -> [UInt8]
  ) throws(OptionFailure) -> ServerOptions {
    var options = ServerOptions()
    var given = try hostAndPort(line)
    for flag in Flag.all where given[flag] == nil {
      given[flag] = line.flags[flag] ?? fromEnvironment(flag, environment)
    }
    if let path = try given[.configuration]?.path() {
      let file = try ConfigurationFile(path: path, bytes: try read(path))
      given.merge(file.settings) { stronger, _ in stronger }
      options.configuration = file.summary
    }
    for flag in Flag.all {
      if let setting = given[flag] { try flag.apply(setting, &options) }
    }
    options.given = given
    options.password = environment(Flag.passwordVariable)
    try options.checkDisk()
    try options.checkAccess()
    try options.checkTLS()
    return options
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
        message: "the \(twice.word) is given twice, as an argument and as \(twice.name); drop \(twice.name)",
        exitCode: ExitCode.flag)
    }
    guard words.count == 2 || words[2] == "cpu" else {
      throw OptionFailure(
        message: "device \(OptionFailure.quoted(words[2])) is not supported: chunks are kept in memory,"
          + " and where --disk says; leave it out or say cpu, for example: lmcache-server 0.0.0.0 65432 cpu",
        exitCode: ExitCode.positional)
    }
    return [
      .host: Setting(flag: .host, origin: .positional, text: words[0]),
      .port: Setting(flag: .port, origin: .positional, text: words[1]),
    ]
  }

  private static func fromEnvironment(_ flag: Flag, _ environment: (String) -> String?) -> Setting? {
    let own = setting(of: flag, named: flag.variable, environment)
    // Engines have one variable for both.
    return own ?? (flag == .lookupURL ? setting(of: flag, named: Flag.lookup.variable, environment) : nil)
  }

  private static func setting(
    of flag: Flag, named name: String, _ environment: (String) -> String?
  ) -> Setting? {
    guard let text = environment(name), !text.isEmpty else { return nil }
    if name == Flag.lookup.variable, EngineName.registry(text) != flag { return nil }
    // For a Service named lmcache-server, Kubernetes sets LMCACHE_SERVER_PORT=tcp://10.0.0.1:80 in every pod near it.
    if flag == .port || flag == .tlsPort, ["tcp://", "udp://", "sctp://"].contains(where: text.hasPrefix) {
      return nil
    }
    return Setting(flag: flag, origin: .variable(name), text: text)
  }
}

import Base
import IO
import Testing

@testable import Server

struct OptionTests {
  /// Every error a person can cause, with the line and the status it must end in.
  struct Refusal: Sendable {
    let arguments: [String]
    var environment: [String: String] = [:]
    let message: String
    let exitCode: Int32
  }

  static func parse(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Command {
    try OptionParser.parse(arguments, environment: { environment[$0] })
  }

  static func options(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServerOptions {
    guard case .serve(let options) = try parse(arguments, environment) else {
      throw OptionFailure(message: "not a serve command", exitCode: -1)
    }
    return options
  }

  @Test func defaults() throws {
    let options = try Self.options([])
    #expect(options.host == "")
    #expect(options.port == 65432)
    #expect(options.memoryBytes == nil)
    #expect(options.loops == nil)
    #expect(options.io == .auto)
    #expect(options.leaseSeconds == 30)
    #expect(options.connectionsMax == 20_000)
    #expect(options.logLevel == .info)
    #expect(options.logFormat == .text)
  }

  @Test func theFormOfLMCachesOwnServer() throws {
    for arguments in [
      ["0.0.0.0", "8000"], ["0.0.0.0", "8000", "cpu"], ["--lease", "30", "0.0.0.0", "8000"],
      ["0.0.0.0", "--lease=30", "8000"], ["0.0.0.0", "8000", "cpu", "--io", "auto"],
    ] {
      let options = try Self.options(arguments)
      #expect(options.host == "0.0.0.0")
      #expect(options.port == 8000)
    }
    #expect(try Self.options(["", "0"]).host == "")
    #expect(try Self.options(["", "0"]).port == 0)
    #expect(try Self.options(["[::1]", "08000"]).host == "::1")
    #expect(try Self.options(["[::1]", "08000"]).port == 8000)
  }

  static let everyFlag: [(flag: String, variable: String, text: String)] = [
    ("--host", "HOST", "10.1.2.3"), ("--port", "PORT", "7000"), ("--memory", "MEMORY", "3GiB"),
    ("--loops", "LOOPS", "5"), ("--io", "IO", "epoll"), ("--lease", "LEASE", "0"),
    ("--max-connections", "MAX_CONNECTIONS", "77"), ("--log-level", "LOG_LEVEL", "debug"),
    ("--log-format", "LOG_FORMAT", "json"), ("--requirepass", "REQUIREPASS", "/run/secrets/resp"),
    ("--allow-flush", "ALLOW_FLUSH", "yes"),
    ("--lookup", "LMCACHE_LOOKUP_URL", "10.1.2.3:8100"),
    ("--registry-memory", "REGISTRY_MEMORY", "2GiB"), ("--peer", "LMCACHE_DISTRIBUTED_URL", "0.0.0.0:8200"),
    ("--peer-advertise", "PEER_ADVERTISE", "cache-0:8201"), ("--peer-allow", "PEER_ALLOW", "10.0.0.0/8, 192.168.1.5"),
    ("--peer-check", "PEER_CHECK", "off"), ("--lookup-url", "LOOKUP_URL", "redis://u:p%40@[::1]/3"),
  ]

  /// Most variables are named after their flags; two are the engines' own.
  static func variable(_ name: String) -> String { name.hasPrefix("LMCACHE_") ? name : "LMCACHE_SERVER_\(name)" }

  static var everythingSet: ServerOptions {
    var options = ServerOptions()
    options.host = "10.1.2.3"
    options.port = 7000
    options.memoryBytes = 3 << 30
    options.loops = 5
    options.io = .epoll
    options.leaseSeconds = 0
    options.connectionsMax = 77
    options.logLevel = .debug
    options.logFormat = .json
    options.passwordFile = "/run/secrets/resp"
    options.allowsFlush = true
    options.lookup = HostAndPort(host: "10.1.2.3", port: 8100)
    options.registryBytes = 2 << 30
    options.peer = HostAndPort(host: "0.0.0.0", port: 8200)
    options.peerAdvertise = HostAndPort(host: "cache-0", port: 8201)
    options.peerAllow = [AddressBlock("10.0.0.0/8")!, AddressBlock("192.168.1.5")!]
    options.peerCheckSeconds = nil
    options.lookupURL = try? RedisURL("redis://u:p%40@[::1]:6379/3")
    return options
  }

  @Test func eachFlagInEachForm() throws {
    #expect(try Self.options(Self.everyFlag.flatMap { [$0.flag, $0.text] }) == Self.everythingSet)
    #expect(try Self.options(Self.everyFlag.map { "\($0.flag)=\($0.text)" }) == Self.everythingSet)
    let variables = Self.everyFlag.map { (Self.variable($0.variable), $0.text) }
    #expect(try Self.options([], Dictionary(uniqueKeysWithValues: variables)) == Self.everythingSet)
    // Nothing was forgotten here.
    #expect(Set(Self.everyFlag.map(\.flag)) == Set(Flag.allCases.map(\.name)))
    #expect(Self.everyFlag.map { Self.variable($0.variable) }.sorted() == Flag.allCases.map(\.variable).sorted())
  }

  @Test func whatIsTypedWinsOverTheEnvironment() throws {
    let bad = Dictionary(uniqueKeysWithValues: Self.everyFlag.map { (Self.variable($0.variable), "nonsense") })
    #expect(try Self.options(Self.everyFlag.flatMap { [$0.flag, $0.text] }, bad) == Self.everythingSet)
    let options = try Self.options(
      ["0.0.0.0", "80"], ["LMCACHE_SERVER_HOST": "::1", "LMCACHE_SERVER_PORT": "81", "LMCACHE_SERVER_LEASE": "9"])
    #expect(options.host == "0.0.0.0")
    #expect(options.port == 80)
    #expect(options.leaseSeconds == 9)
    #expect(try Self.options(["--port", "1", "--port=2"]).port == 2)
    #expect(try Self.options(["--host="], ["LMCACHE_SERVER_HOST": "::1"]).host == "")
  }

  @Test func emptyVariablesAndServiceLinksAreNotSettings() throws {
    let empty = Dictionary(uniqueKeysWithValues: Self.everyFlag.map { (Self.variable($0.variable), "") })
    #expect(try Self.options([], empty) == ServerOptions())
    for link in ["tcp://10.0.0.1:80", "udp://10.0.0.1:80", "sctp://10.0.0.1:80"] {
      let variables = [
        "LMCACHE_SERVER_PORT": link, "LMCACHE_SERVER_PORT_80_TCP": link, "LMCACHE_SERVER_SERVICE_HOST": "10.0.0.1",
        "LMCACHE_SERVER_SERVICE_PORT": "80", "LMCACHE_SERVER_PORT_80_TCP_PROTO": "tcp",
      ]
      #expect(try Self.options([], variables) == ServerOptions())
    }
  }

  @Test func aSwitchNeedsNoValue() throws {
    #expect(try Self.options(["--allow-flush"]).allowsFlush)
    #expect(try Self.options(["--allow-flush", "--port", "1"]).allowsFlush)
    #expect(try Self.options(["--allow-flush", "0.0.0.0", "1"]).host == "0.0.0.0")
    #expect(try !Self.options(["--allow-flush", "no"]).allowsFlush)
    #expect(try !Self.options(["--allow-flush=no"], ["LMCACHE_SERVER_ALLOW_FLUSH": "yes"]).allowsFlush)
  }

  @Test func thePasswordItselfComesByTheEnvironmentAlone() throws {
    #expect(try Self.options([], ["LMCACHE_SERVER_PASSWORD": "secret"]).password == "secret")
    #expect(throws: OptionFailure.self) { try Self.options(["--password", "secret"]) }
    var options = ServerOptions()
    #expect(try PasswordFile.read(options) == [])
    options.password = "secret"
    #expect(try PasswordFile.read(options) == Array("secret".utf8))
    options.passwordFile = "/does/not/exist"
    #expect(throws: OptionFailure.self) { try PasswordFile.read(options) }
  }

  @Test func otherCommands() throws {
    #expect(try Self.parse(["--help"]) == .help)
    #expect(try Self.parse(["--nonsense", "-h"]) == .help)
    #expect(try Self.parse(["0.0.0.0", "80", "--version"]) == .version)
    #expect(try Self.parse(["probe", "127.0.0.1", "80"]) == .probe(host: "127.0.0.1", port: 80))
    #expect(try Self.parse(["probe", "[::1]", "80"]) == .probe(host: "::1", port: 80))
  }

  @Test(arguments: ["python3", "/opt/venv/bin/python3"])
  func calledPython3ItIsTheProbeOfTheChart(program: String) throws {
    let words = ["/workspace/LMCache/examples/kubernetes/health_probe.py", "[::1]", "80"]
    #expect(try OptionParser.parse(words, program: program) == .probe(host: "::1", port: 80))
    #expect(throws: OptionFailure.self) { try OptionParser.parse(Array(words.dropLast()), program: program) }
    #expect(throws: OptionFailure.self) { try OptionParser.parse([], program: program) }
    #expect(throws: OptionFailure.self) { try OptionParser.parse(words, program: "/opt/python3/lmcache_server") }
  }

  @Test func theVersionShowsTheCommitThatTheBuildWasTold() {
    #expect(Version.text(commit: "") == Version.number)
    #expect(Version.text(commit: "415398fd91c2-dirty") == "\(Version.number)+415398fd91c2-dirty")
    #expect(Version.current.hasPrefix(Version.number))
  }

  static let probeLine =
    "probe takes a host, a port and nothing else; for example: lmcache-server probe 127.0.0.1 65432"

  static let refusals: [Refusal] = [
    .init(
      arguments: ["0.0.0.0", "http"],
      message: "port 'http' is not a port from 0 to 65535; for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "65536"],
      message: "port '65536' is not a port from 0 to 65535; for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "-1"],
      message: "port '-1' is not a port from 0 to 65535; for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "+80"],
      message: "port '+80' is not a port from 0 to 65535; for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "99999999999999999999999"],
      message: "port '99999999999999999999999' is not a port from 0 to 65535;"
        + " for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "80", "cuda"],
      message: "device 'cuda' is not supported: chunks are kept in memory; leave it out or say cpu,"
        + " for example: lmcache-server 0.0.0.0 65432 cpu", exitCode: 1),
    .init(
      arguments: ["0.0.0.0"],
      message: "expected <host> <port> [device], got 1 argument beginning with '0.0.0.0';"
        + " for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "80", "cpu", "more"],
      message: "expected <host> <port> [device], got 4 arguments beginning with '0.0.0.0';"
        + " for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(arguments: ["probe"], message: probeLine, exitCode: 1),
    .init(arguments: ["probe", "", "80"], message: probeLine, exitCode: 1),
    .init(arguments: ["probe", "a", "80", "cpu"], message: probeLine, exitCode: 1),
    .init(arguments: ["probe", "a", "80", "--lease", "3"], message: probeLine, exitCode: 1),
    .init(
      arguments: ["probe", "a", "b"],
      message: "port 'b' is not a port from 0 to 65535; for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "80", "--port", "81"],
      message: "the port is given twice, as an argument and as --port; drop --port", exitCode: 2),
    .init(
      arguments: ["--port", "x"],
      message: "--port 'x' is not a port from 0 to 65535; for example: --port 65432", exitCode: 2),
    .init(
      arguments: ["--port="],
      message: "--port '' is not a port from 0 to 65535; for example: --port 65432", exitCode: 2),
    .init(
      arguments: [], environment: ["LMCACHE_SERVER_PORT": "8O"],
      message: "LMCACHE_SERVER_PORT '8O' is not a port from 0 to 65535; for example: LMCACHE_SERVER_PORT=65432",
      exitCode: 2),
    .init(
      arguments: ["--memory", "lots"],
      message: "--memory 'lots' is not a size; for example: --memory 40GiB", exitCode: 2),
    .init(
      arguments: ["--memory", "16777215"],
      message: "--memory '16777215' is less than the 16 MiB that the server needs at least;"
        + " for example: --memory 40GiB", exitCode: 2),
    .init(
      arguments: ["--loops", "0"],
      message: "--loops '0' is not a number from 1 to 64; for example: --loops 4", exitCode: 2),
    .init(
      arguments: ["--lease", "3601"],
      message: "--lease '3601' is not a number of seconds from 0 to 3600; for example: --lease 30", exitCode: 2),
    .init(
      arguments: ["--lease", "-5"],
      message: "--lease '-5' is not a number of seconds from 0 to 3600; for example: --lease 30", exitCode: 2),
    .init(
      arguments: ["--max-connections", "1e4"],
      message: "--max-connections '1e4' is not a number from 1 to 1000000; for example: --max-connections 20000",
      exitCode: 2),
    .init(
      arguments: ["--io", "iouring"],
      message: "--io 'iouring' is not one of auto|uring|epoll; for example: --io epoll", exitCode: 2),
    .init(
      arguments: [], environment: ["LMCACHE_SERVER_LOG_LEVEL": "INFO"],
      message: "LMCACHE_SERVER_LOG_LEVEL 'INFO' is not one of error|warning|info|debug;"
        + " for example: LMCACHE_SERVER_LOG_LEVEL=info", exitCode: 2),
    .init(
      arguments: ["--log-format", "xml"],
      message: "--log-format 'xml' is not one of text|json; for example: --log-format json", exitCode: 2),
    .init(
      arguments: ["--requirepass="],
      message: "--requirepass '' is not a file; for example: --requirepass /run/secrets/resp",
      exitCode: 2),
    .init(
      arguments: ["--allow-flush=maybe"],
      message: "--allow-flush 'maybe' is not one of yes|no; for example: --allow-flush yes", exitCode: 2),
    .init(
      arguments: ["--lease"], message: "--lease needs a value; for example: --lease 30", exitCode: 2),
    .init(
      arguments: ["--host", "--port", "80"], message: "--host needs a value; for example: --host 0.0.0.0", exitCode: 2),
    .init(arguments: ["--prot", "80"], message: "unknown flag '--prot': did you mean --port?", exitCode: 2),
    .init(arguments: ["--mem=1G"], message: "unknown flag '--mem': did you mean --memory?", exitCode: 2),
    .init(
      arguments: ["--maxconnections", "1"], message: "unknown flag '--maxconnections': did you mean --max-connections?",
      exitCode: 2),
    .init(
      arguments: ["--storage-directory"], message: "unknown flag '--storage-directory': --help lists the flags",
      exitCode: 2),
    .init(arguments: ["--lo=3"], message: "unknown flag '--lo': did you mean --io?", exitCode: 2),
    .init(arguments: ["--"], message: "unknown flag '--': --help lists the flags", exitCode: 2),
    .init(arguments: ["--help=yes"], message: "--help takes no value; say just --help", exitCode: 2),
    .init(
      arguments: ["--io", "a\nb\u{1B}[2J"],
      message: "--io 'a\\nb\\u{1B}[2J' is not one of auto|uring|epoll; for example: --io epoll", exitCode: 2),
    .init(
      arguments: ["--io", String(repeating: "x", count: 500)],
      message: "--io '\(String(repeating: "x", count: 60))…' is not one of auto|uring|epoll; for example: --io epoll",
      exitCode: 2),
  ]

  @Test(arguments: refusals) func refusesInOneClearLine(_ refusal: Refusal) {
    #expect(throws: OptionFailure(message: refusal.message, exitCode: refusal.exitCode)) {
      try Self.parse(refusal.arguments, refusal.environment)
    }
    #expect(!refusal.message.contains("\n"))
  }

  @Test func examplesInComplaintsAreAccepted() throws {
    for flag in Flag.allCases {
      #expect(throws: Never.self) { try Self.parse([flag.name, flag.example]) }
      #expect(throws: Never.self) { try Self.parse([], [flag.variable: flag.example]) }
    }
  }

  @Test func helpNamesEverything() {
    let help = HelpText.text
    for flag in Flag.allCases {
      #expect(help.contains(flag.name + " "))
      #expect(help.contains("[\(flag.variable)]"))
    }
    #expect(help.contains("LMCACHE_REMOTE_URL=lm://"))
    #expect(help.split(separator: "\n").filter { $0.count > 105 } == [])
    #expect(help.hasSuffix("\n"))
  }
}

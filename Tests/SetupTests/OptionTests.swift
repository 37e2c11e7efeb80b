import Base
import IO
import Store
import TLS
import Testing
import Wire

@testable import Setup

struct OptionTests {
  /// - Parameter file: what stands in every configuration file.
  static func parse(
    _ arguments: [String], _ environment: [String: String] = [:], file: String = ""
  ) throws -> Command {
    try OptionParser.parse(
      arguments, environment: { environment[$0] }, file: { _ throws(OptionFailure) in Array(file.utf8) })
  }

  static func options(
    _ arguments: [String], _ environment: [String: String] = [:], file: String = ""
  ) throws -> ServerOptions {
    guard case .serve(let options) = try parse(arguments, environment, file: file) else {
      throw OptionFailure(message: "not a serve command", exitCode: -1)
    }
    return options
  }

  /// Without where they came from.
  static func values(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServerOptions {
    var options = try options(arguments, environment)
    options.given = [:]
    options.configuration = nil
    return options
  }

  @Test func defaults() throws {
    let options = try Self.options([])
    #expect(options.host == "")
    #expect(options.port == 65432)
    #expect(options.memoryBytes == nil)
    #expect(options.loops == nil)
    #expect(options.io == .auto)
    #expect(options.zeroCopy == .auto)
    #expect(options.congestion == .auto)
    #expect(options.leaseSeconds == 30)
    #expect(options.policy == .returns)
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
    ("--config", "LMCACHE_CONFIG_FILE", "/etc/lmcache.yaml"), ("--host", "HOST", "10.1.2.3"),
    ("--port", "PORT", "7000"), ("--memory", "MEMORY", "3GiB"),
    ("--loops", "LOOPS", "5"), ("--io", "IO", "epoll"), ("--lease", "LEASE", "0"),
    ("--policy", "POLICY", "lru"),
    ("--max-connections", "MAX_CONNECTIONS", "77"), ("--log-level", "LOG_LEVEL", "debug"),
    ("--log-format", "LOG_FORMAT", "json"), ("--requirepass", "REQUIREPASS", "/run/secrets/resp"),
    ("--allow-flush", "ALLOW_FLUSH", "yes"), ("--zero-copy", "ZERO_COPY", "off"),
    ("--congestion", "CONGESTION", "reno"),
    ("--lookup", "LMCACHE_LOOKUP_URL", "10.1.2.3:8100"),
    ("--registry-memory", "REGISTRY_MEMORY", "2GiB"), ("--peer", "LMCACHE_DISTRIBUTED_URL", "0.0.0.0:8200"),
    ("--peer-advertise", "PEER_ADVERTISE", "cache-0:8201"), ("--peer-allow", "PEER_ALLOW", "10.0.0.0/8, 192.168.1.5"),
    ("--peer-check", "PEER_CHECK", "off"), ("--lookup-url", "LOOKUP_URL", "rediss://u:p%40@[::1]/3"),
    ("--disk", "LMCACHE_LOCAL_DISK", "/srv/a,file:///srv/b/"), ("--disk-size", "LMCACHE_MAX_LOCAL_DISK_SIZE", "1.5TiB"),
    ("--disk-write", "DISK_WRITE", "evicted"), ("--disk-write-rate", "DISK_WRITE_RATE", "1.5GiB"),
    ("--disk-grace", "DISK_GRACE", "45"), ("--disk-format", "DISK_FORMAT", "yes"),
    ("--allow", "ALLOW", "10.0.0.0/8, lookup=fd00::/8"), ("--lm", "LM", "10.1.2.3:7001"),
    ("--max-connections-per-address", "MAX_CONNECTIONS_PER_ADDRESS", "7"),
    ("--max-in-flight-per-address", "MAX_IN_FLIGHT_PER_ADDRESS", "3GiB"), ("--admin", "ADMIN", ":7002"),
    ("--admin-token-file", "ADMIN_TOKEN_FILE", "/run/secrets/admin"),
    ("--disk-require", "DISK_REQUIRE", "yes"), ("--disk-wait", "DISK_WAIT", "yes"),
    ("--tls-port", "TLS_PORT", "7001"), ("--tls-lookup", "TLS_LOOKUP", "10.1.2.3:8101"),
    ("--tls-peer", "TLS_PEER", "0.0.0.0:8201"), ("--tls-admin", "TLS_ADMIN", ":7003"),
    ("--tls-cert", "TLS_CERT", "/run/tls.crt"),
    ("--tls-key", "TLS_KEY", "/run/tls.key"), ("--tls-ca", "TLS_CA", "/run/ca.crt"),
    ("--tls-client-auth", "TLS_CLIENT_AUTH", "required"), ("--tls-min-version", "TLS_MIN_VERSION", "1.3"),
    ("--lookup-ca", "LOOKUP_CA", "/run/redis.crt"), ("--lookup-cert", "LOOKUP_CERT", "/run/own.crt"),
    ("--lookup-key", "LOOKUP_KEY", "/run/own.key"),
    ("--lookup-insecure-skip-verify", "LOOKUP_INSECURE_SKIP_VERIFY", "no"),
    ("--users", "USERS", "/etc/users.acl"),
    ("--quota", "QUOTA", "model=org/a:b*:1.5GiB, tag:team=x:20MB"),
  ]

  /// Most variables are named after their flags; five are the engines' own.
  static func variable(_ name: String) -> String { name.hasPrefix("LMCACHE_") ? name : "LMCACHE_SERVER_\(name)" }

  static var everythingSet: ServerOptions {
    var options = ServerOptions()
    options.configurationPath = "/etc/lmcache.yaml"
    options.host = "10.1.2.3"
    options.port = 7000
    options.memoryBytes = 3 << 30
    options.loops = 5
    options.io = .epoll
    options.zeroCopy = .off
    options.congestion = .named("reno")
    options.leaseSeconds = 0
    options.policy = .lru
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
    options.lookupURL = try? RedisURL("rediss://u:p%40@[::1]:6380/3")
    options.access.allowed.add(AddressBlock("10.0.0.0/8")!)
    options.access.allowed.add(AddressBlock("fd00::/8")!, at: .lookup)
    options.access.lm = .at(HostAndPort(host: "10.1.2.3", port: 7001))
    options.access.connectionsPerAddress = 7
    options.access.inFlightBytesPerAddress = 3 << 30
    options.access.admin = HostAndPort(host: "127.0.0.1", port: 7002)
    options.access.adminTokenFile = "/run/secrets/admin"
    options.diskSettings.paths = ["/srv/a", "/srv/b"]
    options.diskSettings.sizeBytes = 3 << 39
    options.diskSettings.write = .evicted
    options.diskSettings.writeRateBytes = 3 << 29
    options.diskSettings.graceSeconds = 45
    options.diskSettings.formats = true
    options.diskSettings.requires = true
    options.diskSettings.waits = true
    options.tls.data = HostAndPort(host: "", port: 7001)
    options.tls.lookup = HostAndPort(host: "10.1.2.3", port: 8101)
    options.tls.peer = HostAndPort(host: "0.0.0.0", port: 8201)
    options.tls.admin = HostAndPort(host: "127.0.0.1", port: 7003)
    options.tls.certificate = "/run/tls.crt"
    options.tls.key = "/run/tls.key"
    options.tls.authorities = "/run/ca.crt"
    options.tls.clients = .required
    options.tls.version = .v1_3
    options.tls.lookupAuthorities = "/run/redis.crt"
    options.tls.lookupCertificate = "/run/own.crt"
    options.tls.lookupKey = "/run/own.key"
    options.usersFile = "/etc/users.acl"
    options.quotas = [
      Quota(.model("org/a:b*"), bytes: 3 << 29), Quota(.tag(name: "team", value: "x"), bytes: 20_000_000),
    ]
    return options
  }

  @Test func eachFlagInEachForm() throws {
    #expect(try Self.values(Self.everyFlag.flatMap { [$0.flag, $0.text] }) == Self.everythingSet)
    #expect(try Self.values(Self.everyFlag.map { "\($0.flag)=\($0.text)" }) == Self.everythingSet)
    let variables = Self.everyFlag.map { (Self.variable($0.variable), $0.text) }
    #expect(try Self.values([], Dictionary(uniqueKeysWithValues: variables)) == Self.everythingSet)
    // Nothing was forgotten here.
    #expect(Set(Self.everyFlag.map(\.flag)) == Set(Flag.all.map(\.name)))
    #expect(Self.everyFlag.map { Self.variable($0.variable) }.sorted() == Flag.all.map(\.variable).sorted())
  }

  @Test func whatIsTypedWinsOverTheEnvironment() throws {
    let bad = Dictionary(uniqueKeysWithValues: Self.everyFlag.map { (Self.variable($0.variable), "nonsense") })
    #expect(try Self.values(Self.everyFlag.flatMap { [$0.flag, $0.text] }, bad) == Self.everythingSet)
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
        "LMCACHE_SERVER_PORT": link, "LMCACHE_SERVER_TLS_PORT": link, "LMCACHE_SERVER_PORT_80_TCP": link,
        "LMCACHE_SERVER_SERVICE_HOST": "10.0.0.1",
        "LMCACHE_SERVER_SERVICE_PORT": "80", "LMCACHE_SERVER_PORT_80_TCP_PROTO": "tcp",
      ]
      #expect(try Self.options([], variables) == ServerOptions())
    }
  }

  @Test func aValueKnowsWhereItCameFrom() throws {
    let options = try Self.options(
      ["0.0.0.0", "80", "--lease", "5"], ["LMCACHE_SERVER_LEASE": "6", "LMCACHE_SERVER_LOOPS": "2"])
    #expect(options.origin(of: .host) == .positional)
    #expect(options.origin(of: .lease) == .flag)
    #expect(options.origin(of: .loops) == .variable("LMCACHE_SERVER_LOOPS"))
    #expect(options.origin(of: .io) == .standard)
    #expect(options.name(of: .loops) == "LMCACHE_SERVER_LOOPS")
  }

  /// Of values that parse but cannot be had, as of others.
  @Test func aComplaintNamesWhatGaveTheValue() throws {
    let options = try Self.options(
      [],
      [
        "LMCACHE_SERVER_MEMORY": "65GiB", "LMCACHE_SERVER_REQUIREPASS": "/does/not/exist",
        "LMCACHE_DISTRIBUTED_URL": ":8200",
      ])
    let machine = try MemoryFixture([:])
    let memory = #expect(throws: OptionFailure.self) {
      try MemoryBudget.resolve(MemoryWish(options), files: machine.files)
    }
    #expect(memory?.message.hasPrefix("LMCACHE_SERVER_MEMORY 65 GiB is more than") == true)
    let password = #expect(throws: OptionFailure.self) { try PasswordFile.read(options) }
    #expect(password?.message.hasPrefix("LMCACHE_SERVER_REQUIREPASS '/does/not/exist' cannot be read") == true)
    let peer = #expect(throws: OptionFailure.self) { try options.advertised(boundPort: 8200) }
    #expect(peer?.message.hasPrefix("LMCACHE_DISTRIBUTED_URL :8200 does not say") == true)
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
    options.password = try Self.options([], ["LMCACHE_SERVER_PASSWORD": ""]).password
    let failure = #expect(throws: OptionFailure.self) { try PasswordFile.read(options) }
    #expect(failure?.message.contains("LMCACHE_SERVER_PASSWORD is empty") == true)
    options.passwordFile = "/does/not/exist"
    #expect(throws: OptionFailure.self) { try PasswordFile.read(options) }
  }

  /// What a command would probe.
  private static func probed(_ command: Command) -> HostAndPort? {
    guard case .tool(let command) = command, command.tool == .probe else { return nil }
    return command.options.target
  }

  @Test func otherCommands() throws {
    #expect(try Self.parse(["--help"]) == .help)
    #expect(try Self.parse(["--nonsense", "-h"]) == .help)
    #expect(try Self.parse(["0.0.0.0", "80", "--version"]) == .version)
    #expect(try Self.probed(Self.parse(["probe", "127.0.0.1", "80"])) == HostAndPort(host: "127.0.0.1", port: 80))
    #expect(try Self.probed(Self.parse(["probe", "[::1]", "80"])) == HostAndPort(host: "::1", port: 80))
  }

  @Test func aDiskIsLookedIntoByItsPath() throws {
    #expect(try Self.parse(["disk", "/srv/a"]) == .disk(DiskCommand(path: "/srv/a")))
    #expect(try Self.parse(["disk", "file:///srv/a"]) == .disk(DiskCommand(path: "/srv/a")))
    #expect(try Self.parse(["disk", "--verify", "a b"]) == .disk(DiskCommand(path: "a b", verifies: true)))
    #expect(
      try Self.parse(["disk", "x", "--keys", "--verify"])
        == .disk(DiskCommand(path: "x", verifies: true, listsKeys: true)))
    #expect(try Self.parse(["disk", "--help"]) == .help)
    #expect(!OptionParser.isPositionalForm(["disk", "x", "y"]))
  }

  @Test(arguments: ["python3", "/opt/venv/bin/python3"])
  func calledPython3ItIsTheProbeOfTheChart(program: String) throws {
    let words = ["/workspace/LMCache/examples/kubernetes/health_probe.py", "[::1]", "80"]
    #expect(try Self.probed(OptionParser.parse(words, program: program)) == HostAndPort(host: "::1", port: 80))
    #expect(throws: OptionFailure.self) { try OptionParser.parse(Array(words.dropLast()), program: program) }
    #expect(throws: OptionFailure.self) { try OptionParser.parse([], program: program) }
    #expect(throws: OptionFailure.self) { try OptionParser.parse(words, program: "/opt/python3/lmcache_server") }
  }

  @Test func theVersionShowsTheCommitThatTheBuildWasTold() {
    #expect(Version.text(commit: "") == Version.number)
    #expect(Version.text(commit: "415398fd91c2-dirty") == "\(Version.number)+415398fd91c2-dirty")
    #expect(Version.current.hasPrefix(Version.number))
  }

  @Test func helpNamesEverything() {
    let help = HelpText.text
    for flag in Flag.all {
      #expect(help.contains(flag.name + " "))
      #expect(help.contains("[\(flag.variable)]"))
    }
    #expect(help.contains("LMCACHE_REMOTE_URL=lm://"))
    #expect(help.split(separator: "\n").filter { $0.count > 105 } == [])
    #expect(help.hasSuffix("\n"))
  }
}

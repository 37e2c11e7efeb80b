import Base
import Store
import Testing
import Wire

@testable import Setup

/// What stands in a configuration file, and what wins over it.
struct ConfigurationFileTests {
  static let path = "/etc/lmcache.yaml"

  static func options(
    _ file: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
  ) throws -> ServerOptions {
    try OptionTests.options(["--config", path] + arguments, environment, file: file)
  }

  /// Without where they came from.
  static func values(_ file: String) throws -> ServerOptions {
    var options = try options(file)
    options.given = [:]
    options.configuration = nil
    return options
  }

  private static var everyFlag: [(flag: Flag, text: String)] {
    OptionTests.everyFlag.compactMap { row in
      Flag.inFiles.first { $0.name == row.flag }.map { ($0, row.text) }
    }
  }

  @Test func eachFlagHasItsName() throws {
    var expected = OptionTests.everythingSet
    expected.configurationPath = Self.path
    let texts = Self.everyFlag.map { ($0.flag, "\"\($0.text)\"") }
    #expect(try Self.values(texts.map { "\($0.0.fileName): \($0.1)\n" }.joined()) == expected)
    #expect(try Self.values(texts.map { "\($0.0.word): \($0.1)\n" }.joined()) == expected)
    // As a JSON file has it, and indented below a section.
    #expect(
      try Self.values("{" + texts.map { "\"\($0.0.fileName)\": \($0.1)" }.joined(separator: ", ") + "}") == expected)
    #expect(try Self.values("server:\n" + texts.map { "  \($0.0.fileName): \($0.1)\n" }.joined()) == expected)
    #expect(Self.everyFlag.count == Flag.all.count - 1, "all but --config itself")
  }

  @Test func namesOfFlagsAreNoEngineNames() {
    // But for the one that takes either a URL or an address.
    let both = Set(Flag.inFiles.map(\.fileName)).intersection(EngineName.names)
    #expect(both == [EngineName.lookupURL])
    #expect(Set(Flag.inFiles.map(\.fileName)).count == Flag.inFiles.count)
  }

  @Test func examplesAreAccepted() throws {
    for flag in Flag.inFiles {
      let others = OptionRefusalTests.needs(of: flag).map { "\($0.flag.fileName): \($0.text)\n" }.joined()
      #expect(throws: Never.self) { try Self.options("\(others)\(flag.fileName): \(flag.example)") }
    }
    for name in EngineName.all {
      let disk = name.name == "max_local_disk_size" ? "  disk: /srv\n" : ""
      #expect(throws: Never.self) { try Self.options("server:\n\(disk)  \(name.name): \(name.example)") }
    }
  }

  /// An empty value of a template must not open what it was to close.
  @Test func whatKeepsPeopleOutIsNotEmpty() throws {
    for flag in Flag.guarding {
      let failure = #expect(throws: OptionFailure.self) { try Self.options("port: 1\n\(flag.fileName):\n") }
      #expect(failure?.message.contains(":2: '\(flag.fileName)' has nothing behind it") == true)
    }
  }

  // MARK: LMCache's names

  @Test func theNamesThatLMCacheUsersKnow() throws {
    let options = try Self.options(
      """
      server:
        local_cpu: True
        max_local_cpu_size: 1.5
        local_disk: file:///srv/a/
        max_local_disk_size: 100
        remote_url: "lm://cache.models.svc:7000"
        cache_policy: LRU
        enable_p2p: true
        lookup_url: 0.0.0.0:8100
        distributed_url: 10.1.2.3:8200
      """)
    #expect(options.memoryBytes == 3 << 29)
    #expect(options.diskSettings.paths == ["/srv/a"])
    #expect(options.diskSettings.sizeBytes == 100 << 30)
    #expect(options.port == 7000)
    #expect(options.host == "")
    #expect(options.policy == .lru)
    #expect(options.lookup == HostAndPort(host: "0.0.0.0", port: 8100))
    #expect(options.peer == HostAndPort(host: "10.1.2.3", port: 8200))
  }

  @Test func aNumberCountsGiBOnlyBehindAnEnginesName() throws {
    #expect(try Self.options("memory: 1073741824").memoryBytes == 1 << 30)
    #expect(try Self.options("max_local_cpu_size: 1").memoryBytes == 1 << 30)
    #expect(try Self.options("max_local_cpu_size: 512MiB").memoryBytes == 512 << 20)
    #expect(try Self.options("disk: /srv\ndisk_size: 1073741824").diskSettings.sizeBytes == 1 << 30)
    #expect(try Self.options("disk: /srv\nmax_local_disk_size: 2").diskSettings.sizeBytes == 2 << 30)
  }

  @Test func aURLIsAnnouncedToAndAnAddressIsServed() throws {
    let url = try Self.options("lookup_url: redis://10.1.2.3:6379/0\npeer: 10.0.0.1:8200")
    #expect(url.lookupURL == (try RedisURL("redis://10.1.2.3:6379/0")) && url.lookup == nil)
    let address = try Self.options("lookup_url: 0.0.0.0:6379")
    #expect(address.lookup?.port == 6379 && address.lookupURL == nil)
  }

  @Test func withoutP2PTheAddressesAreNotFollowed() throws {
    let options = try Self.options(
      "enable_p2p: false\nlookup_url: 0.0.0.0:8100\ndistributed_url: 10.1.2.3:8200\nlease: 4")
    #expect(options.lookup == nil && options.peer == nil && options.leaseSeconds == 4)
    #expect(try Self.options("enable_p2p: no\nlookup: 0.0.0.0:8100").lookup?.port == 8100)
  }

  /// As engines write it where they have no disk.
  @Test func aSizeWithoutADiskIsTheEngines() throws {
    #expect(try Self.options("local_disk: null\nmax_local_disk_size: 0.0").disk == nil)
    #expect(throws: OptionFailure.self) { try Self.options("disk_size: 64MiB") }
  }

  // MARK: The section

  static let engines = """
    chunk_size: 256
    local_cpu: &here false
    max_local_cpu_size: 5
    local_disk: file:///engines/own/
    remote_url: "lm://cache:65432"
    lookup_url: "engines:8100"
    extra_config: {again: *here, list: [1, !own 2], ? [a] : b, twice: 1, twice: 2}
    port: 1

    """

  @Test func whereThereIsASectionTheRestIsTheEngines() throws {
    for section in ["server:\n  lease: 7\n", "server: {lease: 7}\n", "\"server\": {lease: 7}\n"] {
      for text in [Self.engines + section, section + Self.engines] {
        let options = try Self.options(text)
        #expect(options.leaseSeconds == 7)
        #expect(Set(options.given.keys) == [.configuration, .lease])
        #expect(
          options.configuration?.reason == "only its section 'server' counts; 8 other names are the engines'")
      }
    }
    for empty in ["server:\n", "server: {}\n", "server: null\n", "server: ~"] {
      #expect(Set(try Self.options(Self.engines + empty).given.keys) == [.configuration])
    }
    #expect(
      try Self.options("server:\nchunk_size: 1").configuration?.reason
        == "only its section 'server' counts; 1 other name is the engines'")
    #expect(
      try Self.options("lease: 7").configuration?.reason == "it has no section 'server', so all of it counts")
  }

  @Test func nothingIsWhatAnEmptyFileSays() throws {
    for text in ["", "# nothing\n", "---\n", "---\n...\n", "{}", "null", "\u{FEFF}", "~"] {
      #expect(Set(try Self.options(text).given.keys) == [.configuration], "\(text)")
    }
    #expect(try Self.options("memory:\nport: ~\nhost: null\nlog_level: \n") == Self.options(""))
    #expect(try Self.options("host: \"\"").host == "")
    #expect(try Self.options("\u{FEFF}port: 80").port == 80)
  }

  // MARK: Values

  @Test func whatIsOnOrOffIsWrittenAsYAMLHasIt() throws {
    for (text, isOn) in [("true", true), ("Yes", true), ("ON", true), ("false", false), ("no", false), ("Off", false)] {
      #expect(try Self.options("allow_flush: \(text)").allowsFlush == isOn)
    }
    #expect(try Self.options("peer_check: off").peerCheckSeconds == nil)
    #expect(try Self.options("disk: off").disk == nil)
  }

  @Test func whatRepeatsIsAList() throws {
    #expect(try Self.options("disk: [/srv/a, \"file:///srv/b\"]").disk?.paths == ["/srv/a", "/srv/b"])
    #expect(try Self.options("local_disk:\n- /srv/a\n- /srv/b\n").disk?.paths == ["/srv/a", "/srv/b"])
    #expect(try Self.options("disk: /srv/a,/srv/b").disk?.paths == ["/srv/a", "/srv/b"])
    #expect(try Self.options("peer_allow: [10.0.0.0/8, 192.168.1.5]").peerAllow.count == 2)
    #expect(try Self.options("", ["--peer-allow", "10.0.0.0/8", "--peer-allow=192.168.1.5"]).peerAllow.count == 2)
  }

  // MARK: What wins

  @Test func aFlagWinsOverAVariableOverTheFile() throws {
    let file = "lease: 1\nport: 1001\nlog_level: debug\n"
    let variables = ["LMCACHE_SERVER_LEASE": "2", "LMCACHE_SERVER_PORT": "1002"]
    let options = try Self.options(file, ["--lease", "3"], variables)
    #expect(options.leaseSeconds == 3 && options.port == 1002 && options.logLevel == .debug)
    #expect(options.origin(of: .lease) == .flag)
    #expect(options.origin(of: .port) == .variable("LMCACHE_SERVER_PORT"))
    #expect(options.name(of: .logLevel) == "/etc/lmcache.yaml:3: log_level")
    #expect(try Self.options(file, ["0.0.0.0", "1004"]).port == 1004)
    // A list adds up within one of them, not across.
    #expect(try Self.options("disk: [/a, /b]", ["--disk", "/c"]).disk?.paths == ["/c"])
    // Engines' names lose as others do.
    #expect(try Self.options("max_local_cpu_size: 1", [], ["LMCACHE_SERVER_MEMORY": "2GiB"]).memoryBytes == 2 << 30)
  }

  @Test func whatIsOverruledStillHasToBeKnown() throws {
    #expect(throws: OptionFailure.self) { try Self.options("prot: 80", ["--port", "1"]) }
    #expect(try Self.options("port: nonsense", ["--port", "1"]).port == 1)
  }

  @Test func theVariableNamesTheFileAsEnginesHaveIt() throws {
    let environment = ["LMCACHE_CONFIG_FILE": "/etc/shared.yaml"]
    let options = try OptionTests.options([], environment, file: "server: {lease: 9}")
    #expect(options.leaseSeconds == 9 && options.configurationPath == "/etc/shared.yaml")
    #expect(try OptionTests.options([], ["LMCACHE_CONFIG_FILE": ""], file: "nonsense") == ServerOptions())
  }

  @Test func aPasswordOfTheEnvironmentWinsOverAFileThatTheFileNames() throws {
    let variable = [Flag.passwordVariable: "secret"]
    let options = try Self.options("requirepass: /does/not/exist", [], variable)
    #expect(try PasswordFile.read(options) == Array("secret".utf8))
    let flag = try Self.options("", ["--requirepass", "/does/not/exist"], variable)
    #expect(throws: OptionFailure.self) { try PasswordFile.read(flag) }
  }
}

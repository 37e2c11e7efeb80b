import Base
import Testing
import Wire

@testable import Setup

struct SharingOptionTests {
  @Test(arguments: ["10.0.0.1:8100", "redis://10.0.0.1:8100", "tcp://10.0.0.1:8100", "lm://10.0.0.1:8100"])
  func theFormsInWhichEnginesNameARegistry(text: String) throws {
    let expected = HostAndPort(host: "10.0.0.1", port: 8100)
    #expect(try OptionTests.options(["--lookup", text]).lookup == expected)
    guard !text.hasPrefix("redis") else { return }
    #expect(try OptionTests.options([], ["LMCACHE_LOOKUP_URL": text]).lookup == expected)
  }

  /// As in a file that engines read too.
  @Test func aURLInTheEnginesVariableIsWhereChunksAreAnnounced() throws {
    let peer = ["--peer", "10.1.2.3:8200"]
    for url in ["redis://me:hunter2@10.1.1.1:6379", "rediss://10.1.1.1"] {
      let options = try OptionTests.options(peer, ["LMCACHE_LOOKUP_URL": url])
      #expect(options.lookupURL == (try RedisURL(url)) && options.lookup == nil)
      #expect(options.name(of: .lookupURL) == "LMCACHE_LOOKUP_URL")
    }
    // The server's own name says more.
    let both = try OptionTests.options(
      peer, ["LMCACHE_LOOKUP_URL": "redis://a", "LMCACHE_SERVER_LOOKUP_URL": "redis://b"])
    #expect(both.lookupURL == (try RedisURL("redis://b")))
    let flag = try OptionTests.options(peer + ["--lookup-url", "redis://c"], ["LMCACHE_LOOKUP_URL": "redis://a"])
    #expect(flag.lookupURL == (try RedisURL("redis://c")) && flag.lookup == nil)
    let file = try ConfigurationFileTests.options("lookup_url: redis://d", peer, ["LMCACHE_LOOKUP_URL": "redis://a"])
    #expect(file.lookupURL == (try RedisURL("redis://a")))
    // An address beside it is another thing.
    let served = try OptionTests.options(
      peer + ["--lookup-url", "redis://c"], ["LMCACHE_LOOKUP_URL": "0.0.0.0:8100"])
    #expect(served.lookupURL != nil && served.lookup == HostAndPort(host: "0.0.0.0", port: 8100))
    #expect(
      throws: OptionFailure(
        message: "LMCACHE_LOOKUP_URL needs --peer, which it is about; for example: --peer 0.0.0.0:8200", exitCode: 2)
    ) { try OptionTests.options([], ["LMCACHE_LOOKUP_URL": "redis://a"]).advertised(boundPort: 1) }
  }

  @Test func anAddressMayBeEveryAddress() throws {
    #expect(try OptionTests.options(["--lookup", ":8100"]).lookup == HostAndPort(host: "", port: 8100))
    #expect(try OptionTests.options(["--lookup", "[::]:8100"]).lookup == HostAndPort(host: "::", port: 8100))
  }

  static let refusals: [OptionRefusalTests.Refusal] = [
    .init(
      arguments: ["--lookup", "here"], message: "--lookup 'here' is not HOST:PORT; for example: --lookup 0.0.0.0:8100",
      exitCode: 2),
    .init(
      arguments: [], environment: ["LMCACHE_LOOKUP_URL": "10.0.0.1:81000"],
      message: "LMCACHE_LOOKUP_URL '10.0.0.1:81000' is not HOST:PORT; for example: LMCACHE_LOOKUP_URL=0.0.0.0:8100",
      exitCode: 2),
    .init(
      arguments: ["--registry-memory", "1K"],
      message: "--registry-memory '1K' is not from 1 MiB to 16 GiB; for example: --registry-memory 1GiB", exitCode: 2),
    .init(
      arguments: ["--peer-advertise", "0.0.0.0:8200"],
      message: "--peer-advertise '0.0.0.0:8200' is no address that others can reach;"
        + " for example: --peer-advertise 10.1.2.3:8200", exitCode: 2),
    .init(
      arguments: ["--peer-advertise", "[::]:8200"],
      message: "--peer-advertise '[::]:8200' is no address that others can reach;"
        + " for example: --peer-advertise 10.1.2.3:8200", exitCode: 2),
    .init(
      arguments: ["--peer-advertise", "[2001:db8::1]:8200"],
      message: "--peer-advertise '[2001:db8::1]:8200' is an IPv6 address, which engines cannot tell from its port;"
        + " give a name or an IPv4 address; for example: --peer-advertise 10.1.2.3:8200", exitCode: 2),
    .init(
      arguments: ["--peer-allow", "10.0.0.0/8,nonsense"],
      message: "--peer-allow '10.0.0.0/8,nonsense' has 'nonsense', which is no address and no block of addresses;"
        + " for example: --peer-allow 10.0.0.0/8", exitCode: 2),
    .init(
      arguments: ["--peer-check", "0"],
      message: "--peer-check '0' is not off or a number of seconds from 1 to 3600; for example: --peer-check 5",
      exitCode: 2),
    .init(
      arguments: ["--lookup-url", "http://u:secret@h:1"],
      message: "--lookup-url is not a redis:// or rediss:// URL; for example: redis://10.1.2.3:6379/0", exitCode: 2),
    .init(
      arguments: ["--lookup-url", "redis://:secret@"],
      message: "--lookup-url names no host and port; for example: redis://10.1.2.3:6379/0", exitCode: 2),
  ]

  @Test(arguments: refusals) func refusesInOneClearLine(_ refusal: OptionRefusalTests.Refusal) {
    #expect(throws: OptionFailure(message: refusal.message, exitCode: refusal.exitCode)) {
      try OptionTests.parse(refusal.arguments, refusal.environment)
    }
  }

  @Test func whereOthersReachThePeer() throws {
    func advertised(_ arguments: [String]) throws -> String? {
      try OptionTests.options(arguments).advertised(boundPort: 4711)?.text
    }
    #expect(try advertised([]) == nil)
    #expect(try advertised(["--peer", "10.0.0.1:0"]) == "10.0.0.1:4711")
    #expect(try advertised(["--peer", "10.0.0.1:0", "--peer-advertise", "cache-0:9"]) == "cache-0:9")
    #expect(try advertised(["--peer", "0.0.0.0:8200", "--peer-advertise", "10.0.0.9:8200"]) == "10.0.0.9:8200")
    for wildcard in ["0.0.0.0:8200", ":8200", "[::]:8200"] {
      #expect(throws: OptionFailure.self) { try advertised(["--peer", wildcard]) }
    }
    #expect(throws: OptionFailure.self) { try advertised(["--peer-advertise", "10.0.0.9:8200"]) }
    #expect(throws: OptionFailure.self) { try advertised(["--lookup-url", "redis://h"]) }
  }
}

import Base
import Testing

@testable import Setup

/// The command lines of the tools.
@Suite struct ToolOptionTests {
  private static func command(_ words: [String]) throws -> ToolCommand {
    guard case .tool(let command) = try OptionTests.parse(words) else {
      throw OptionFailure(message: "it is a tool", exitCode: 0)
    }
    return command
  }

  @Test func eachToolIsAskedFor() throws {
    let stats = try Self.command(["stats", "[::1]:80", "--json"])
    #expect(stats.tool == .stats && stats.options.target == HostAndPort(host: "::1", port: 80) && stats.options.isJSON)
    let top = try Self.command(["top", "--interval=0.5", "a:1", "--count", "3"])
    #expect(top.options.intervalTenths == 5 && top.options.count == 3 && top.options.target.text == "a:1")
    let list = try Self.command(["ls", "a:1", "x*", "--long"])
    #expect(list.options.words == ["x*"] && list.options.isLong && !list.options.endsWithNull)
    let get = try Self.command(["get", "a:1", "-o", "f", "--", "--key"])
    #expect(get.options.words == ["--key"] && get.options.output == "f")
    let remove = try Self.command(["rm", "a:1", "k", "l", "--user", "u", "--password-file", "p"])
    #expect(remove.options.words == ["k", "l"] && !remove.options.asksAdmin && remove.options.user == "u")
    #expect(try Self.command(["rm", "a:1", "--tag", "a=b=c", "--yes"]).options.tag == "a=b=c")
    let byAdmin = try Self.command(["rm", "a:1", "k", "--admin"])
    #expect(byAdmin.options.asksAdmin && byAdmin.options.timeoutNanoseconds == 600_000_000_000)
    #expect(remove.options.timeoutNanoseconds == 10_000_000_000)
    #expect(
      try Self.command(["rm", "a:1", "k", "--token-file", "t", "--timeout", "3"]).options.timeoutNanoseconds
        == 3_000_000_000)
    let probe = try Self.command(["probe", "::1", "80", "--tls", "--insecure-skip-verify"])
    #expect(probe.options.usesTLS && probe.options.target == HostAndPort(host: "::1", port: 80))
  }

  static let refusals: [(words: [String], message: String)] = [
    (["stats"], "stats takes HOST:PORT; for example: lmcache-server stats 127.0.0.1:65432"),
    (["stats", "a:1", "b"], "stats takes HOST:PORT; for example: lmcache-server stats 127.0.0.1:65432"),
    (["top", "localhost"], "'localhost' is not HOST:PORT; for example: lmcache-server top 127.0.0.1:65432"),
    (["top", "a:0"], "'a:0' is not HOST:PORT; for example: lmcache-server top 127.0.0.1:65432"),
    (["top", ":1"], "':1' is not HOST:PORT; for example: lmcache-server top 127.0.0.1:65432"),
    (
      ["top", "a:1", "--interval", "0"],
      "--interval '0' is not a number of seconds from 0.1 to 86400; for example: --interval 10"
    ),
    (
      ["top", "a:1", "--interval", "1.25"],
      "--interval '1.25' is not a number of seconds from 0.1 to 86400; for example: --interval 10"
    ),
    (["top", "a:1", "--count", "x"], "--count 'x' is not a number from 1 to 1000000000; for example: --count 60"),
    (["top", "a:1", "--count"], "--count needs a value; for example: --count 60"),
    (["stats", "a:1", "--jsn"], "unknown flag '--jsn' of stats: did you mean --json?"),
    (["stats", "a:1", "--insecure"], "unknown flag '--insecure' of stats: did you mean --insecure-skip-verify?"),
    (["stats", "a:1", "--long"], "unknown flag '--long' of stats: lmcache-server stats --help lists the flags"),
    (["stats", "a:1", "--json=yes"], "--json takes no value; say just --json"),
    (["stats", "a:1", "--ca", "f"], "--ca needs --tls, which belongs to it; for example: --tls"),
    (["probe", "a", "1", "--key", "f"], "--key needs --tls, which belongs to it; for example: --tls"),
    (
      ["stats", "a:1", "--tls", "--key", "f"],
      "--key needs --certificate, which belongs to it; for example: --certificate /etc/tls/client.crt"
    ),
    (
      ["stats", "a:1", "--tls", "--ca", "f", "--insecure-skip-verify"],
      "--insecure-skip-verify believes everybody, so --ca is of no use; drop one of them"
    ),
    (["stats", "a:1", "--ca="], "--ca '' is not a file; for example: --ca /etc/tls/ca.crt"),
    (
      ["get", "a:1"],
      "get takes HOST:PORT KEY; for example: lmcache-server get 127.0.0.1:65432"
        + " 'llama@1@0@1f3a@bfloat16kv_bytes' -o chunk"
    ),
    (["get", "a:1", "k", "--password", "p"], "unknown flag '--password' of get: did you mean --password-file?"),
    (
      ["get", "a:1", "k", "--user", "u"],
      "--user needs --password-file, which belongs to it; for example: --password-file /run/secrets/password"
    ),
    (["ls", "a:1", "--null", "--long"], "--null is for names alone; leave --long out"),
    (["rm", "a:1", "--all"], "this removes what may be much, and cannot be undone; add --yes if it is meant"),
    (["rm", "a:1", "--model", "m"], "this removes what may be much, and cannot be undone; add --yes if it is meant"),
    (
      ["rm", "a:1", "--tag", "user", "--yes"], "--tag 'user' is not a tag and its value; for example: --tag user=alice"
    ),
    (
      ["rm", "a:1", "k", "--admin", "--password-file", "p"],
      "the door of --admin knows no users; drop --password-file, or remove keys by RESP"
    ),
  ]

  @Test(arguments: refusals)
  func whatIsNotUnderstoodIsRefusedInOneLine(words: [String], message: String) {
    let failure = #expect(throws: OptionFailure.self) { try OptionTests.parse(words) }
    #expect(failure?.message == message && failure?.exitCode == 2)
    #expect(!OptionParser.isPositionalForm(words))
  }

  @Test(arguments: [
    ["rm", "a:1"], ["rm", "a:1", "k", "--all", "--yes"], ["rm", "a:1", "--model", "m", "--tag", "a=b", "--yes"],
  ])
  func aRemovalHasOneAim(words: [String]) {
    let failure = #expect(throws: OptionFailure.self) { try OptionTests.parse(words) }
    #expect(failure?.message.hasPrefix("rm takes keys, or one of --model, --tag and --all") == true)
  }

  // MARK: Help

  @Test(arguments: Tool.allCases)
  func helpTeaches(tool: Tool) throws {
    #expect(try OptionTests.parse([tool.rawValue, "--nonsense", "--help"]) == .toolHelp(tool))
    #expect(try OptionTests.parse([tool.rawValue, "-h"]) == .toolHelp(tool))
    let help = ToolHelp.text(tool)
    for flag in ToolFlag.all {
      #expect(
        help.contains(flag.name + (flag.isSwitch ? "\n" : " \(flag.placeholder)\n")) == flag.tools.contains(tool),
        "\(flag.name)")
    }
    #expect(help.contains("Exit status: 0 ") && help.contains(tool.usage) && help.hasSuffix("\n"))
    for line in help.split(separator: "\n") { #expect(line.count <= 130, "\(line)") }
    #expect(HelpText.text.contains("lmcache-server \(tool.rawValue) HOST"))
  }

  /// What is said as an example has to be so.
  @Test(arguments: Tool.allCases)
  func examplesAreUnderstood(tool: Tool) throws {
    for example in tool.examples {
      let words = example.words.prefix { $0 != "|" }.split(separator: " ").map { word in
        String(word.filter { $0 != "'" })
      }
      #expect(try Self.command(words).tool == tool, "\(example.words)")
    }
    for flag in ToolFlag.all(for: tool) where !flag.isSwitch {
      var options = ToolOptions()
      try flag.apply(ToolWord(flag: flag, text: flag.example), &options)
      #expect(options != ToolOptions(), "\(flag.name)")
    }
  }

  @Test func aKeyMayLookLikeAFlag() throws {
    #expect(try Self.command(["get", "a:1", "--", "--help"]).options.words == ["--help"])
  }

  // MARK: Secrets

  @Test func secretsComeFromFiles() throws {
    var options = ToolOptions()
    #expect(try options.password() == nil && options.token() == nil && options.trust() == nil)
    options.passwordFile = "/nowhere"
    options.tokenFile = "/dev/null"
    let missing = #expect(throws: OptionFailure.self) { try options.password() }
    #expect(missing?.message == "--password-file '/nowhere' cannot be read: No such file or directory")
    #expect(throws: OptionFailure.self) { try options.token() }
    options.usesTLS = true
    options.authorities = "/dev/null"
    let trust = #expect(throws: OptionFailure.self) { try options.trust() }
    #expect(trust?.message == "--ca '/dev/null' holds no certificate in PEM")
  }
}

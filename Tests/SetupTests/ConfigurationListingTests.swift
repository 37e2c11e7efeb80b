import Base
import Testing

@testable import Setup

/// What `--print-config` prints.
struct ConfigurationListingTests {
  private static func listing(_ options: ServerOptions) -> String { ConfigurationListing(options).text }

  @Test func itIsAFileThatSaysTheSame() throws {
    // A URL may hold what is not shown; what is about it goes with it.
    let leftOut = [Flag.configuration, .lookupURL] + Flag.aboutLookupTLS
    var words = OptionTests.everyFlag.filter { !leftOut.map(\.name).contains($0.flag) }.flatMap { [$0.flag, $0.text] }
    words += ["--host", "", "--congestion", "a\"b\\:#", "--requirepass", "/a b/ü: \"#'\\\u{85}"]
    let options = try OptionTests.values(words)
    let text = try Self.listing(OptionTests.options(words))
    var again = try ConfigurationFileTests.values(text)
    again.configurationPath = nil
    #expect(again == options)
    #expect(try Self.listing(OptionTests.options([])).split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
  }

  @Test func eachValueHasItsSource() throws {
    let options = try ConfigurationFileTests.options(
      "server:\n  max_local_cpu_size: 2\n", ["0.0.0.0", "80", "--io", "epoll"], ["LMCACHE_LOCAL_DISK": "/srv"])
    let lines = Self.listing(options).split(separator: "\n")
    for line in [
      "# /etc/lmcache.yaml: only its section 'server' counts; 0 other names are the engines'.",
      "host: 0.0.0.0  # argument", "port: 80  # argument", "memory: 2GiB  # /etc/lmcache.yaml:2: max_local_cpu_size",
      "io: epoll  # --io", "disk: /srv  # LMCACHE_LOCAL_DISK", "# lease: default, 30",
    ] { #expect(lines.contains { $0 == line }, "\(line)") }
    // Each is there once.
    for flag in Flag.inFiles {
      #expect(lines.count { $0.hasPrefix("\(flag.fileName): ") || $0.hasPrefix("# \(flag.fileName): ") } == 1)
    }
  }

  @Test func secretsAreNotShown() throws {
    let url = "redis://user:hunter2@10.1.2.3:6379/0"
    let options = try ConfigurationFileTests.options(
      "lookup_url: \(url)\npeer: 10.1.2.3:8200", [], [Flag.passwordVariable: "hunter2"])
    let text = Self.listing(options)
    #expect(!text.contains("hunter2"))
    #expect(text.contains("\n# lookup_url: \"redis://not-shown@10.1.2.3:6379/0\"  # /etc/lmcache.yaml:1: lookup_url\n"))
    #expect(text.contains("\n# The password of RESP clients is set by LMCACHE_SERVER_PASSWORD, and is not shown.\n"))
    let secret = Flag(
      "token", takes: "TOKEN", "", standard: "", example: "", isSecret: true, sets: \.host
    ) { $0.text }
    let setting = Setting(flag: secret, origin: .flag, text: "hunter2")
    #expect(setting.shownText == "not shown")
    #expect(setting.failure("is bad").message == "--token is bad; for example: --token ")
  }
}

import Base
import Glibc
import Testing

@testable import Setup

/// What is wrong with a configuration file is one line, with the place.
struct ConfigurationRefusalTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    /// Behind `/etc/lmcache.yaml:`.
    let complaint: String
    var testDescription: String { complaint }

    init(_ text: String, _ complaint: String) { (self.text, self.complaint) = (text, complaint) }
  }

  private static let other = "if it is an engine's, put what is for this server into a section 'server'"

  static let refusals: [Refusal] = [
    // Names.
    .init("lease: 3\nmax_conections: 5", "2: unknown name 'max_conections': did you mean max_connections?"),
    .init("max_local_cpu: 5", "1: unknown name 'max_local_cpu': did you mean max_local_cpu_size?"),
    .init("chunk_size: 256", "1: unknown name 'chunk_size': \(other)"),
    .init("server:\n  chunk_size: 256", "2: unknown name 'chunk_size': --help lists the flags"),
    .init("config: /etc/other.yaml", "1: unknown name 'config': \(other)"),
    .init("\"a\\nb\": 1", "1: unknown name 'a\\nb': \(other)"),
    .init(
      "remote_url: lm://cache:65432",
      "1: 'remote_url' is what engines follow, so this seems to be an engine's file;"
        + " put what is for this server into a section 'server'"),
    .init("lease: 3\n\nlease: 4", "3: 'lease' stands in line 1 already; keep one"),
    .init("lease: 3\nlease: 3", "2: 'lease' stands in line 1 already; keep one"),
    .init(
      "max-connections: 3\nmax_connections: 4",
      "2: 'max_connections' says what 'max-connections' in line 1 says; keep one"),
    .init("memory: 1GiB\nmax_local_cpu_size: 1", "2: 'max_local_cpu_size' says what 'memory' in line 1 says; keep one"),
    .init("server: {}\nserver: {}", "2: a second section 'server'; keep one"),
    .init("? [a]\n: 1", "1: a name is expected, as in: port: 65432"),
    .init("!x port: 1", "1: a name is expected, as in: port: 65432"),
    // Values.
    .init("memory: lots", "1: memory 'lots' is not a size; for example: memory: 40GiB"),
    .init("max_local_cpu_size: -1", "1: max_local_cpu_size '-1' is not a size; for example: max_local_cpu_size: 40"),
    .init(
      "log-level: INFO",
      "1: log-level 'INFO' is not one of error|warning|info|debug; for example: log-level: info"),
    .init("cache_policy: LFU", "1: cache_policy 'lfu' is not one of returns|lru; for example: cache_policy: LRU"),
    .init("port: [1, 2]", "1: 'port' takes one value"),
    .init("port: {a: 1}", "1: 'port' takes one value"),
    .init("port:\n  !!int 80", "2: 'port' takes one value without a tag"),
    .init("disk: {a: 1}", "1: 'disk' takes one value, or a list of them"),
    .init("disk:\n- /a\n- [/b]", "3: 'disk' takes a list of plain values"),
    .init("disk:\n- /a\n-\n", "3: 'disk' takes a list of plain values"),
    .init(
      "disk:\n- \"/a,/b\"", "2: 'disk' takes a list of values without commas, which separate them elsewhere"),
    .init("disk: [/a, /a]", "1: disk '/a,/a' names '/a' twice; for example: disk: /var/cache/lmcache-server"),
    .init("disk: []", "1: disk '' names no directory; for example: disk: /var/cache/lmcache-server"),
    .init(
      "lease: &a 3\nport: *a", "2: 'port' refers to a value elsewhere with *, which is not followed; write it out"),
    .init("local_cpu: false", "1: 'local_cpu' cannot be false: chunks are always kept in memory; leave it out"),
    .init("enable_p2p: perhaps", "1: 'enable_p2p' 'perhaps' is not true or false"),
    .init(
      "server: yes",
      "1: the section 'server' holds names with values, indented below it; for an empty one write: server: {}"),
    .init(
      "disk_write: all", "1: disk_write needs --disk, which it is about; for example: --disk /var/cache/lmcache-server"),
    .init(
      "lookup_url: redis://:pass%word@h:1",
      "1: lookup_url has a % that no two hexadecimal digits follow;"
        + " for example: redis://10.1.2.3:6379/0"),
    // Form.
    .init("- port: 1", "1: names with values are expected, as in: port: 65432"),
    .init("port", "1: names with values are expected, as in: port: 65432"),
    .init("port: 1\n---\nport: 2", "2: a second document begins, and a configuration file has one"),
    .init("port: [1\nmemory: }", "2: did not find expected ',' or ']'"),
    .init("port: 1\n\tlease: 2", "2: found a tab character that violates indentation"),
    .init("port: 1\nlease: \"3", "2: found unexpected end of stream"),
    .init("port: 1\n\0", "2: control characters are not allowed"),
    .init(
      "lease: 1\na: " + String(repeating: "[", count: 32) + String(repeating: "]", count: 32),
      "2: nested more than 32 deep, as no configuration is"),
    .init(
      "a: [" + String(repeating: "1,", count: 10_000) + "]", "1: more than 10000 values, which no configuration has"),
  ]

  @Test(arguments: refusals) func saysWhereAndWhat(_ refusal: Refusal) {
    let failure = #expect(throws: OptionFailure.self) { try ConfigurationFileTests.options(refusal.text) }
    #expect(failure?.message == "/etc/lmcache.yaml:" + refusal.complaint)
    #expect(failure?.exitCode == 2)
  }

  /// A billion laughs, if they were followed: an engine's affair beside a section, and refused in one.
  @Test func aliasesCostNothing() throws {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...20 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n" }
    #expect(try ConfigurationFileTests.options(text + "server: {lease: 3}").leaseSeconds == 3)
    #expect(throws: OptionFailure.self) { try ConfigurationFileTests.options("server: {disk: [*a20]}\n" + text) }
  }

  @Test func bytesThatAreNoTextAreNamedByTheirLine() {
    for bytes: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFE, 0xFF, 0, 0x61]] {
      let failure = #expect(throws: OptionFailure.self) {
        try ConfigurationFile(path: "/f", bytes: Array("port: 1\nhost: ".utf8) + bytes)
      }
      #expect(failure?.message == "/f:2: not UTF-8; save the file in that encoding")
    }
  }

  // MARK: Files

  private static func complaint(_ path: String) -> String? {
    let failure = #expect(throws: OptionFailure.self) { try ConfigurationText.read(path) }
    return failure?.message
  }

  @Test func whatIsNoFileIsRefused() throws {
    let fixture = try MemoryFixture(["/pipe-of/x": ""])
    let root = fixture.files.fullPath("")
    #expect(
      Self.complaint(root) == "configuration file \(OptionFailure.quoted(root)) is a directory; name the file in it")
    #expect(
      Self.complaint("/does/not/exist")?.hasSuffix("'/does/not/exist' cannot be read: No such file or directory")
        == true)
    #expect(Self.complaint("/dev/zero")?.hasSuffix("is not a file that can be read again at SIGHUP") == true)
    let pipe = fixture.files.fullPath("/pipe-of/pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(Self.complaint(pipe)?.hasSuffix("is not a file that can be read again at SIGHUP") == true)
  }

  @Test func theLargestFileIsReadAndNoLargerOne() throws {
    let most = Limits.configurationBytesMax
    let fixture = try MemoryFixture([
      "/fits": String(repeating: "#", count: most), "/exceeds": String(repeating: "#", count: most + 1),
    ])
    #expect(try ConfigurationText.read(fixture.files.fullPath("/fits")).count == most)
    #expect(
      Self.complaint(fixture.files.fullPath("/exceeds"))?.hasSuffix("is larger than the 256 KiB that are read") == true)
  }
}

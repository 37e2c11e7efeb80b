import Base
import IO
import Testing

@testable import Setup

/// An invalid option is refused in one clear line that shows a valid form.
@Suite struct OptionRefusalTests {
  /// Every user error, with its line and its exit status.
  struct Refusal: Sendable {
    let arguments: [String]
    var environment: [String: String] = [:]
    let message: String
    let exitCode: Int32
  }

  static let diskLine =
    "disk takes the directory of one disk, and perhaps --verify or --keys;"
    + " for example: lmcache-server disk /srv/lmcache --verify"
  static let probeLine =
    "probe takes a host, a port and flags of TLS; for example: lmcache-server probe 127.0.0.1 65432"

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
      message: "device 'cuda' is not supported: chunks are kept in memory, and where --disk says;"
        + " leave it out or say cpu, for example: lmcache-server 0.0.0.0 65432 cpu", exitCode: 1),
    .init(
      arguments: ["0.0.0.0"],
      message: "expected <host> <port> [device], got 1 argument beginning with '0.0.0.0';"
        + " for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(
      arguments: ["0.0.0.0", "80", "cpu", "more"],
      message: "expected <host> <port> [device], got 4 arguments beginning with '0.0.0.0';"
        + " for example: lmcache-server 0.0.0.0 65432", exitCode: 1),
    .init(arguments: ["disk"], message: diskLine, exitCode: 2),
    .init(arguments: ["disk", ""], message: diskLine, exitCode: 2),
    .init(arguments: ["disk", "/a", "/b"], message: diskLine, exitCode: 2),
    .init(
      arguments: ["disk", "/a", "--verfy"], message: "unknown flag '--verfy': did you mean --verify?", exitCode: 2),
    .init(
      arguments: ["disk", "/a", "--memory", "1GiB"],
      message: "unknown flag '--memory': disk knows --verify and --keys", exitCode: 2),
    .init(arguments: ["probe"], message: probeLine, exitCode: 1),
    .init(arguments: ["probe", "", "80"], message: probeLine, exitCode: 1),
    .init(arguments: ["probe", "a", "80", "cpu"], message: probeLine, exitCode: 1),
    .init(
      arguments: ["probe", "a", "80", "--lease", "3"],
      message: "unknown flag '--lease' of probe: lmcache-server probe --help lists the flags", exitCode: 2),
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
      arguments: ["--zero-copy", "on"],
      message: "--zero-copy 'on' is not one of auto|off; for example: --zero-copy off", exitCode: 2),
    .init(
      arguments: ["--congestion", "new reno"],
      message: "--congestion 'new reno' is not auto and no name of a congestion control;"
        + " for example: --congestion cubic", exitCode: 2),
    .init(
      arguments: ["--congestion", "sixteen-letters-"],
      message: "--congestion 'sixteen-letters-' is not auto and no name of a congestion control;"
        + " for example: --congestion cubic", exitCode: 2),
    .init(
      arguments: ["--congestion="],
      message: "--congestion '' is not auto and no name of a congestion control; for example: --congestion cubic",
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
      try OptionTests.parse(refusal.arguments, refusal.environment)
    }
    #expect(!refusal.message.contains("\n"))
  }

  @Test func examplesInComplaintsAreAccepted() throws {
    for flag in Flag.all {
      let others = Self.needs(of: flag).flatMap { [$0.flag.name, $0.text] }
      #expect(throws: Never.self) { try OptionTests.parse([flag.name, flag.example] + others) }
      #expect(throws: Never.self) { try OptionTests.parse(others, [flag.variable: flag.example]) }
    }
  }

  /// What is about disks needs one, and a door of TLS needs all that belongs to it.
  static func needs(of flag: Flag) -> [(flag: Flag, text: String)] {
    if Flag.aboutDisks.contains(flag) { return [(.disk, Flag.disk.example)] }
    if flag == .adminTokenFile { return [(.admin, Flag.admin.example)] }
    if Flag.aboutLookupTLS.contains(flag) {
      let proof = [Flag.lookupCertificate, .lookupKey]
      let others = proof.contains(flag) ? proof.filter { $0 != flag } : []
      return [(.lookupURL, "rediss://10.1.2.3")] + others.map { ($0, $0.example) }
    }
    guard Flag.aboutTLS.contains(flag) else { return [] }
    let others: [Flag] = [.tlsPort, .tlsCertificate, .tlsKey, .tlsAuthorities, .tlsClients]
    return others.filter { $0 != flag }.map { ($0, $0.example) }
  }
}

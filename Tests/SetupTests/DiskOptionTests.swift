import Base
import Testing

@testable import Setup

struct DiskOptionTests {
  private static func disk(_ arguments: [String], _ environment: [String: String] = [:]) throws -> DiskOptions? {
    try OptionTests.options(arguments, environment).disk
  }

  private static func paths(_ arguments: [String], _ environment: [String: String] = [:]) throws -> [String]? {
    try disk(arguments, environment)?.paths
  }

  private static func bytes(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Int? {
    try disk(["--disk", "/srv/a"] + arguments, environment)?.sizeBytes
  }

  @Test func defaults() throws {
    #expect(try Self.disk([]) == nil)
    let disk = try #require(try Self.disk(["--disk", "/srv/a"]))
    #expect(disk.paths == ["/srv/a"])
    #expect(disk.sizeBytes == nil)
    #expect(disk.write == .auto)
    #expect(disk.writeRateBytes == 80 << 20)
    #expect(disk.graceSeconds == 20)
    #expect(!disk.formats && !disk.requires && !disk.waits)
  }

  @Test(arguments: [
    "/srv/a", "/srv/a/", "/srv/a//", "file:///srv/a", "file:///srv/a/", " /srv/a ", ",/srv/a,", "/srv/a, ",
  ])
  func theFormsOfADirectory(text: String) throws {
    #expect(try Self.paths(["--disk", text]) == ["/srv/a"])
    #expect(try Self.paths([], ["LMCACHE_LOCAL_DISK": text]) == ["/srv/a"])
  }

  @Test func moreThanOneDirectory() throws {
    #expect(try Self.paths(["--disk", "/a", "--disk=/b"]) == ["/a", "/b"])
    #expect(try Self.paths(["--disk", "/a, file:///b/", "--port", "1", "--disk", "/c d"]) == ["/a", "/b", "/c d"])
    #expect(try Self.paths([], ["LMCACHE_LOCAL_DISK": "file:///b/,/a"]) == ["/b", "/a"])
    // What is typed replaces the variable and does not add to it.
    #expect(try Self.paths(["--disk", "/a"], ["LMCACHE_LOCAL_DISK": "/b"]) == ["/a"])
    let most = (1...16).flatMap { ["--disk", "/\($0)"] }
    #expect(try Self.paths(most)?.count == 16)
    #expect(throws: OptionFailure.self) { try Self.paths(most + ["--disk", "/17"]) }
  }

  @Test(arguments: ["off", "False", "false", "None", "null"])
  func noDiskWhateverElseIsSaid(word: String) throws {
    #expect(try Self.disk([], ["LMCACHE_LOCAL_DISK": word]) == nil)
    #expect(try Self.disk(["--disk", word, "--disk-wait"], ["LMCACHE_LOCAL_DISK": "/a"]) == nil)
    #expect(try Self.disk(["--disk", word], ["LMCACHE_SERVER_DISK_WRITE": "all"]) == nil)
  }

  @Test func aSizeOfTheFlagIsLikeThatOfMemory() throws {
    #expect(try Self.bytes(["--disk-size", "64MiB"]) == 64 << 20)
    #expect(try Self.bytes(["--disk-size", "67108864"]) == 64 << 20)
    #expect(try Self.bytes(["--disk-size", "2G"]) == 2_000_000_000)
  }

  @Test func aNumberInTheEnginesVariableCountsGiB() throws {
    let name = "LMCACHE_MAX_LOCAL_DISK_SIZE"
    #expect(try Self.bytes([], [name: "100"]) == 100 << 30)
    #expect(try Self.bytes([], [name: "5.0"]) == 5 << 30)
    #expect(try Self.bytes([], [name: "0.0625"]) == 64 << 20)
    #expect(try Self.bytes([], [name: "500GiB"]) == 500 << 30)
    #expect(try Self.bytes([], [name: "500G"]) == 500_000_000_000)
    #expect(try Self.bytes(["--disk-size", "1Gi"], [name: "100"]) == 1 << 30)
  }

  /// Engines have the variable too, and there it may be zero.
  @Test func theEnginesSizeAloneIsNoMistake() throws {
    #expect(try Self.disk([], ["LMCACHE_MAX_LOCAL_DISK_SIZE": "0.0"]) == nil)
    #expect(try Self.disk([], ["LMCACHE_MAX_LOCAL_DISK_SIZE": "100"]) == nil)
  }

  static let refusals: [OptionRefusalTests.Refusal] = [
    .init(
      arguments: ["--disk", "True"],
      message: "--disk 'True' is no path that begins with /; for example: --disk /var/cache/lmcache-server",
      exitCode: 2),
    .init(
      arguments: [], environment: ["LMCACHE_LOCAL_DISK": "/a,file://local_disk/"],
      message:
        "LMCACHE_LOCAL_DISK '/a,file://local_disk/' has 'file://local_disk/', which is no path that begins with /;"
        + " for example: LMCACHE_LOCAL_DISK=/var/cache/lmcache-server", exitCode: 2),
    .init(
      arguments: ["--disk="],
      message: "--disk '' names no directory; for example: --disk /var/cache/lmcache-server", exitCode: 2),
    .init(
      arguments: ["--disk", "file:///"],
      message: "--disk 'file:///' has the root directory, where chunks would lie among everything;"
        + " for example: --disk /var/cache/lmcache-server", exitCode: 2),
    .init(
      arguments: ["--disk", "/a/", "--disk", "file:///a"],
      message: "--disk '/a/,file:///a' names '/a' twice; for example: --disk /var/cache/lmcache-server", exitCode: 2),
    .init(
      arguments: ["--disk", "/a", "--disk-size", "100"],
      message: "--disk-size is 100 B, less than the 64 MiB that a disk needs at least;"
        + " for example: --disk-size 100GiB", exitCode: 2),
    .init(
      arguments: ["--disk", "/a"], environment: ["LMCACHE_MAX_LOCAL_DISK_SIZE": "0.0"],
      message: "LMCACHE_MAX_LOCAL_DISK_SIZE is 0 B, less than the 64 MiB that a disk needs at least;"
        + " for example: LMCACHE_MAX_LOCAL_DISK_SIZE=100GiB", exitCode: 2),
    .init(
      arguments: ["--disk-size", "lots"],
      message: "--disk-size 'lots' is not a size; for example: --disk-size 100GiB", exitCode: 2),
    .init(
      arguments: ["--disk-write-rate", "10"],
      message: "--disk-write-rate '10' is less than 1 MiB, which would never write a disk full;"
        + " for example: --disk-write-rate 200MiB", exitCode: 2),
    .init(
      arguments: ["--disk-write", "some"],
      message: "--disk-write 'some' is not one of auto|all|evicted; for example: --disk-write evicted", exitCode: 2),
    .init(
      arguments: ["--disk-grace", "3601"],
      message: "--disk-grace '3601' is not a number of seconds from 0 to 3600; for example: --disk-grace 20",
      exitCode: 2),
    .init(
      arguments: ["--disk-size", "1G"],
      message: "--disk-size needs --disk, which it is about; for example: --disk /var/cache/lmcache-server",
      exitCode: 2),
  ]

  @Test(arguments: refusals) func refusesInOneClearLine(_ refusal: OptionRefusalTests.Refusal) {
    #expect(throws: OptionFailure(message: refusal.message, exitCode: refusal.exitCode)) {
      try OptionTests.parse(refusal.arguments, refusal.environment)
    }
  }

  @Test(arguments: ["SIZE", "WRITE", "WRITE_RATE", "GRACE", "FORMAT", "REQUIRE", "WAIT"])
  func whatIsAboutDisksNeedsOne(word: String) throws {
    let flag = try #require(
      Flag.aboutDisks.first { $0.name == "--disk-" + word.lowercased().replacing("_", with: "-") })
    #expect(throws: OptionFailure.self) { try OptionTests.parse([flag.name, flag.example]) }
    #expect(throws: Never.self) { try OptionTests.parse([flag.name, flag.example], ["LMCACHE_LOCAL_DISK": "/a"]) }
    guard flag != .diskSize else { return }
    let message = "\(flag.variable) needs --disk, which it is about; for example: --disk /var/cache/lmcache-server"
    #expect(throws: OptionFailure(message: message, exitCode: 2)) {
      try OptionTests.parse([], [flag.variable: flag.example])
    }
  }
}

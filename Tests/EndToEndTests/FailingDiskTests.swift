import Foundation
import Testing

/// A device that hangs or fails under a server, and works again.
@Suite struct FailingDiskTests {
  /// What goes wrong with the calls of a server's disk, for as long as it is told.
  private final class Faults {
    enum Fault: String {
      case hangReads = "hang-reads"
      case hangWrites = "hang-writes"
      case hangClaims = "hang-claims"
      case failReads = "fail-reads"
      case failWrites = "fail-writes"
    }

    private let library: PreloadedLibrary

    init() throws { library = try PreloadedLibrary("failing-disk") }

    var environment: [String: String] {
      library.environment.merging(["DISK_FAULTS": library.directory.path()]) { first, _ in first }
    }

    func begin(_ faults: Fault...) throws {
      for fault in faults { try Data().write(to: library.directory.appending(path: fault.rawValue)) }
    }

    func end(_ faults: Fault...) throws {
      for fault in faults { try FileManager.default.removeItem(at: library.directory.appending(path: fault.rawValue)) }
    }
  }

  private let faults: Faults
  private let directory: DiskDirectory
  private let server: RunningServer

  init() throws {
    faults = try Faults()
    directory = try DiskDirectory()
    server = try RunningServer(
      .epoll, directory.flags("--disk-write", "all", "--disk-write-rate", "1GiB", "--disk-grace", "1"), memory: "32MiB",
      environment: faults.environment)
  }

  private func value(_ number: Int) -> [UInt8] { Payload.bytes(200_000, seed: UInt64(number)) }

  /// Without look-ups, which would hold what was stored.
  private func put(_ range: Range<Int>) throws {
    let lm = try server.lm()
    for number in range {
      try lm.put("k\(number)", value(number))
      usleep(2000)
    }
    #expect(try lm.health())
  }

  /// More than memory holds, all of it on the disk.
  private func fill() throws {
    try server.becomes("serving")
    for first in stride(from: 0, to: 200, by: 20) {
      try put(first..<first + 20)
      try eventually("they are written") { try server.disks("written_chunks_total") >= first + 20 }
    }
    #expect(try server.disks("only_chunks") > 10)
  }

  /// Those that cannot be read. What can is what was stored.
  private func missing(_ numbers: some Sequence<Int>) throws -> [Int] {
    let lm = try server.lm()
    return try numbers.filter { number in
      guard let found = try lm.get("k\(number)") else { return true }
      guard Payload.isSame(found.bytes, value(number)) else { throw HarnessFailure("k\(number) is another's") }
      return false
    }
  }

  /// Memory serves, and the server is ready, though not well.
  private func expectDegraded(_ words: String) throws {
    let answer = try server.web().get("/readyz")
    #expect(answer.status == 200 && answer.body.contains("\"status\": \"degraded\""), "\(answer.body)")
    #expect(answer.body.contains(words), "\(answer.body)")
    try eventually("it is logged") { server.log.contains(words) }
    try server.lm().putAndSee("new", value(1))
    #expect(try server.lm().holds("new", value(1)))
  }

  // MARK: Hanging

  @Test func aDiskThatHangsIsLeftOutUntilItAnswers() throws {
    try fill()
    try faults.begin(.hangReads, .hangWrites)
    let missed = try missing(0..<200)
    #expect(!missed.isEmpty)
    try server.becomes("off")
    try expectDegraded("it does not answer")
    let lm = try server.lm()
    for number in missed { #expect(try !lm.exists("k\(number)"), "nobody can have it") }
    #expect(try server.disks("read_failures_total") > 0 && server.disks("impatient_reads_total") > 0)
    try faults.end(.hangReads, .hangWrites)
    try server.becomes("serving")
    #expect(try missing(missed).isEmpty)
    #expect(try server.stop() == .exited(0))
  }

  @Test(arguments: [false, true])
  func aDiskThatDoesNotWriteIsRead(isClaim: Bool) throws {
    try fill()
    let fault = isClaim ? Faults.Fault.hangClaims : .hangWrites
    try faults.begin(fault)
    // More writes would take all threads, and reads hang behind them.
    try put(200..<(isClaim ? 250 : 201))
    try server.becomes("read_only")
    try expectDegraded("it does not answer")
    let missed = try missing(0..<200)
    #expect(missed.count < 200)
    #expect(try server.disks("read_chunks_total") > 0 && server.disks("write_failures_total") > 0)
    #expect(try server.diskState() == "read_only")
    try faults.end(fault)
    try server.becomes("serving")
    let written = try server.disks("written_chunks_total")
    try put(250..<260)
    try eventually("it is written") { try server.disks("written_chunks_total") >= written + 10 }
    #expect(try server.stop() == .exited(0))
  }

  @Test(arguments: [false, true])
  func theEndDoesNotWaitForADiskThatHangs(isClaim: Bool) throws {
    try fill()
    try faults.begin(isClaim ? .hangClaims : .hangWrites, .hangReads)
    try put(200..<250)
    try server.becomes("read_only")
    #expect(try server.stop() == .exited(0))
    #expect(server.log.contains("the disk does not come to an end"))
  }

  // MARK: Failing

  @Test func whatCannotBeReadForAWhileIsThereAfterwards() throws {
    try fill()
    try faults.begin(.failReads)
    let missed = try missing(0..<200)
    #expect(missed.count > 3)
    try server.becomes("off")
    try expectDegraded("device_failed")
    try faults.end(.failReads)
    try server.becomes("serving")
    #expect(try missing(missed).isEmpty)
    #expect(try server.stop() == .exited(0))
  }

  @Test func aDiskThatCannotBeWrittenForAWhileIsReadOnly() throws {
    try fill()
    try faults.begin(.failWrites)
    try put(200..<220)
    try server.becomes("read_only")
    try expectDegraded("device_failed")
    #expect(try server.disks("write_failures_total") > 0)
    try faults.end(.failWrites)
    try server.becomes("serving")
    let written = try server.disks("written_chunks_total")
    try put(220..<230)
    try eventually("it is written") { try server.disks("written_chunks_total") >= written + 10 }
    #expect(try server.stop() == .exited(0))
  }
}

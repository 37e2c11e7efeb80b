import Base
import Glibc
import IO
import Simulation
import Testing

/// A pretend disk as a device: its rules, its space, its lock, its time.
@Suite struct DiskTests {
  /// In pieces where the world says so, between blocks only.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func whatIsWrittenIsRead(seed: UInt64) {
    var faults = FaultPlan.none
    (faults.shortPerMille, faults.latePerMille, faults.lateNanosecondsMax) = (500, 100, 30_000_000)
    let disk = SimulatedDisk(seed: seed)
    DiskStage(disk, seed: seed, faults: faults).run { stage in
      let file = try stage.directory.make("a", byteCount: 1 << 20)
      #expect(file.isDirect && file.byteCount == 1 << 20)
      for block in 0..<64 { try await stage.write(file, block: block * 4, count: 4, UInt8(block)) }
      for block in (0..<64).reversed() {
        #expect(try await stage.read(file, block: block * 4, count: 4).allSatisfy { $0 == UInt8(block) })
      }
      #expect(try await stage.read(file, block: 256) == [], "the end of the file")
      stage.directory.close(file)
    }
  }

  /// Out of line by memory, length, offset.
  @Test(arguments: [(1, 4096, 0), (0, 512, 0), (0, 4096, 512)])
  func directTransfersOutOfLineAreRefused(start: Int, count: Int, offset: UInt64) async {
    await #expect(processExitsWith: .failure) { [start, count, offset] in
      DiskStage(SimulatedDisk(seed: 1), seed: 1).run { stage in
        let file = try stage.directory.make("a", byteCount: 1 << 20)
        let memory = DiskMemory(bytes: 8192, 1)
        _ = try await stage.loop.write(
          file, at: offset, from: memory.region(from: start, to: start + count), count: 1)
        // It was taken, which the test does not expect.
        exit(EXIT_SUCCESS)
      }
    }
  }

  @Test func withoutDirectIOAnythingGoes() {
    let disk = SimulatedDisk(seed: 1)
    disk.knowsDirect = false
    DiskStage(disk, seed: 1).run { stage in
      let file = try stage.directory.make("a", byteCount: 0)
      #expect(!file.isDirect)
      let memory = DiskMemory(bytes: 8192, 3)
      #expect(try await stage.loop.write(file, at: 4001, from: memory.region(from: 1, to: 5001), count: 1) == 5000)
    }
    let contents = disk.contents(of: "a")
    expectSame(contents, [UInt8](repeating: 0, count: 4001) + [UInt8](repeating: 3, count: 5000))
  }

  @Test func oneProcessHasTheDirectory() throws {
    let disk = SimulatedDisk(seed: 1)
    let world = SimulatedWorld(seed: 1)
    let (first, second) = (world.attach(disk), world.attach(disk))
    #expect(try first.lock() && first.lock() && !second.lock())
    second.unlock()
    #expect(try !second.lock())
    first.unlock()
    #expect(try second.lock() && !first.lock())
    disk.kill()
    let third = world.attach(disk)
    #expect(try third.lock())
    second.unlock()
    #expect(try !world.attach(disk).lock(), "what was killed has no lock to give up")
  }

  @Test func spaceIsClaimedWhenAFileIsMade() throws {
    let disk = SimulatedDisk(seed: 1, capacityBytes: 10 * 4096)
    let directory = DiskStage(disk, seed: 1)
    let full = DirectoryFailure(.claimSpace, "/disk/b", errno: ENOSPC)
    let open = try directory.directory.make("a", byteCount: 6 * 4096)
    #expect(throws: full) { try directory.directory.make("b", byteCount: 4 * 4096 + 1) }
    #expect(disk.names == ["a"])
    try directory.directory.remove("a")
    #expect(try directory.directory.allocatedBytes() == 0)
    #expect(throws: full) { try directory.directory.make("b", byteCount: 5 * 4096) }
    directory.directory.close(open)
    _ = try directory.directory.make("b", byteCount: 10 * 4096)
    _ = try directory.directory.make("b", byteCount: 2 * 4096)
    _ = try directory.directory.make("a", byteCount: 8 * 4096)
    #expect(try directory.directory.allocatedBytes() == 10 * 4096)
  }

  @Test func spaceThatIsNotClaimedRunsOutAtAWrite() {
    let disk = SimulatedDisk(seed: 1, capacityBytes: 4 * 4096)
    disk.claimsSpace = false
    DiskStage(disk, seed: 1).run { stage in
      let file = try stage.directory.make("a", byteCount: 100 * 4096)
      #expect(try stage.directory.allocatedBytes() == 0)
      try await stage.write(file, block: 0, count: 3, 1)
      try await stage.write(file, block: 1, count: 3, 2)
      await DiskFaultTests.expect(.outOfSpace) { () throws(IOFailure) in try await stage.write(file, block: 50, 1) }
      #expect(try stage.directory.allocatedBytes() == 4 * 4096)
    }
  }

  @Test func whatIsCutOffDoesNotComeBack() throws {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in
      _ = try await stage.makeFile("a", blocks: 4)
      _ = try stage.directory.make("a", byteCount: 4096 + 100)
      _ = try stage.directory.make("a", byteCount: 3 * 4096)
    }
    expectSame(disk.contents(of: "a"), [UInt8](repeating: 1, count: 4196) + [UInt8](repeating: 0, count: 8092))
  }

  @Test func aRemovedFileIsReadUntilItIsClosed() {
    DiskStage(SimulatedDisk(seed: 1), seed: 1).run { stage in
      let file = try await stage.makeFile("a", blocks: 2, of: 7)
      try stage.directory.remove("a")
      let other = try await stage.makeFile("a", blocks: 2, of: 8)
      #expect(try await stage.read(file, block: 0, count: 2).allSatisfy { $0 == 7 })
      #expect(try await stage.read(other, block: 0, count: 2).allSatisfy { $0 == 8 })
      stage.directory.close(file)
      stage.loop.driver.close(other.descriptor)
    }
  }

  /// It ends by itself within a minute, whatever the deadline, and others pass it by.
  @Test func anOperationThatHangsOutlivesItsDeadline() {
    var latest: UInt64 = 0
    for seed in 0..<20 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      let stage = DiskStage(disk, seed: seed)
      stage.run { stage in
        let file = try await stage.makeFile("a", blocks: 2)
        let begin = stage.loop.now
        disk.faults.hangPerMille = 1000
        let bytes = try await stage.read(file, block: 0, deadline: begin + 1_000_000)
        #expect(bytes.count == 4096)
        disk.faults.hangPerMille = 0
        let middle = stage.loop.now
        _ = try await stage.read(file, block: 1)
        #expect(stage.loop.now - middle < 1_000_000_000)
      }
      latest = max(latest, stage.world.now)
      #expect(disk.hangCount == 1)
    }
    #expect((40_000_000_000...63_000_000_000).contains(latest))
  }

  @Test func aDiskThatHangsKeepsEverything() {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in
      let file = try await stage.makeFile("a", blocks: 2)
      let end = stage.loop.now + 30_000_000_000
      disk.hangsUntil = end
      try await stage.write(file, block: 0, 2)
      #expect(stage.loop.now >= end)
    }
  }

  @Test func aDiskThatIsGoneOrReadOnlySaysSo() {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in
      let file = try await stage.makeFile("a", blocks: 1)
      disk.isReadOnly = true
      await DiskFaultTests.expect(.readOnly) { () throws(IOFailure) in try await stage.write(file, block: 0, 2) }
      #expect(throws: DirectoryFailure(.remove, "/disk/a", errno: EROFS)) { try stage.directory.remove("a") }
      #expect(try await stage.read(file, block: 0).allSatisfy { $0 == 1 })
      disk.isGone = true
      await DiskFaultTests.expect(.deviceGone) { () throws(IOFailure) in _ = try await stage.read(file, block: 0) }
      await DiskFaultTests.expect(.deviceGone) { () throws(IOFailure) in try await stage.loop.sync(file) }
      #expect(throws: DirectoryFailure(.list, "/disk", errno: ENODEV)) { try stage.directory.names() }
      (disk.isGone, disk.isReadOnly) = (false, false)
      try await stage.write(file, block: 0, 2)
    }
  }

  /// Several sessions, every fault, an end and another world: the same seed gives the same disk.
  @Test func aRunIsRepeatedByItsSeed() {
    let first = (0..<10 as Range<UInt64>).map(Self.live)
    expectSame((0..<10 as Range<UInt64>).map(Self.live), first)
    #expect(Set(first.map(\.contents)).count == 10)
  }

  private struct Rest: Equatable {
    var contents: [[UInt8]?] = []
    var damage: [DiskDamage] = []
    var failureCount = 0
    var time: UInt64 = 0
  }

  private static let every: DiskFaultPlan = {
    var faults = DiskFaultPlan()
    (faults.lostWritePerMille, faults.misdirectedWritePerMille, faults.rotPerMille) = (20, 20, 20)
    (faults.readFailurePerMille, faults.writeFailurePerMille, faults.syncFailurePerMille) = (20, 20, 100)
    (faults.directoryFailurePerMille, faults.hangPerMille, faults.hangNanosecondsMax) = (20, 20, 1_000_000)
    faults.steppedWritePerMille = 100
    return faults
  }()

  private static func live(seed: UInt64) -> Rest {
    let disk = SimulatedDisk(seed: seed, faults: every)
    var rest = Rest()
    for life in 0..<3 as Range<UInt64> {
      let stage = DiskStage(disk, seed: seed << 8 + life)
      for session in 0..<4 as Range<UInt8> {
        stage.start { stage in
          guard let file = try? stage.directory.make("\(session)", byteCount: 16 * 4096) else { return }
          for round in 0..<100 as Range<UInt8> {
            try? await stage.write(file, block: Int(round % 13), count: 3, round &* 4 &+ session)
            _ = try? await stage.read(file, block: Int(round % 16))
            if round % 10 == 9 { try? await stage.loop.sync(file) }
          }
        }
      }
      stage.wait(nanoseconds: 5_000_000)
      rest.time &+= stage.world.now
      if life == 1 { disk.losePower() } else { disk.kill() }
      stage.wait(nanoseconds: 1_000_000_000)
    }
    rest.contents = disk.names.map { disk.contents(of: $0) }
    (rest.damage, rest.failureCount) = (disk.damage, disk.failureCount)
    return rest
  }
}

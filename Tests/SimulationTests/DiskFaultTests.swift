import Base
import Glibc
import IO
import Simulation
import Testing

/// Each fault of a pretend disk does what it says, and is told to the test.
@Suite struct DiskFaultTests {
  @Test func aLostWriteIsReportedAsDone() {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in
      let file = try await stage.makeFile("a", blocks: 4)
      disk.faults.lostWritePerMille = 1000
      try await stage.write(file, block: 1, count: 2, 2)
      #expect(try await stage.read(file, block: 0, count: 4).allSatisfy { $0 == 1 })
    }
    #expect(disk.damage == [DiskDamage(kind: .lostWrite, file: "a", range: 4096..<3 * 4096)])
  }

  /// The bytes are where the damage says, in this file or another, and nowhere else.
  @Test func aMisdirectedWriteIsElsewhere() throws {
    var files: Set<String> = []
    for seed in 0..<40 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 8)
        _ = try await stage.makeFile("b", blocks: 8)
        disk.faults.misdirectedWritePerMille = 1000
        try await stage.write(file, block: 2, count: 2, 2)
      }
      // Rarely it would have landed where it should, and so it did.
      if disk.damage.isEmpty { continue }
      #expect(disk.damage.map(\.kind) == [.misdirectedFrom, .misdirectedTo])
      #expect(disk.damage[0].file == "a" && disk.damage[0].range == 2 * 4096..<4 * 4096)
      let landed = disk.damage[1]
      files.insert(landed.file)
      for name in disk.names {
        for (index, byte) in try #require(disk.contents(of: name)).enumerated() where byte != 1 {
          guard name == landed.file, landed.range.contains(index) else {
            Issue.record("\(name) at \(index), seed \(seed)")
            return
          }
        }
      }
      #expect(try #require(disk.contents(of: landed.file))[landed.range].allSatisfy { $0 == 2 })
    }
    #expect(files == ["a", "b"])
  }

  @Test func rotTurnsABitOver() throws {
    for seed in 0..<20 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 8, of: 0)
        disk.faults.rotPerMille = 1000
        // One operation, one bit.
        try await stage.loop.sync(file)
      }
      let rotten = disk.contents(of: "a")!.enumerated().filter { $0.element != 0 }
      #expect(rotten.count == 1 && rotten[0].element.nonzeroBitCount == 1)
      #expect(disk.damage == [DiskDamage(kind: .rot, file: "a", range: rotten[0].offset..<rotten[0].offset + 1)])
      disk.losePower()
      #expect(disk.contents(of: "a")![rotten[0].offset] == rotten[0].element, "it rots on the medium")
    }
  }

  @Test func aTestMaySayWhatRots() {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in _ = try await stage.makeFile("a", blocks: 2) }
    disk.flip("a", at: 5000, mask: 0x81)
    #expect(disk.contents(of: "a")![5000] == 0x80)
  }

  @Test func aReadThatFailsIsSaid() {
    let disk = SimulatedDisk(seed: 1)
    DiskStage(disk, seed: 1).run { stage in
      let file = try await stage.makeFile("a", blocks: 1)
      disk.faults.readFailurePerMille = 1000
      await Self.expect(.deviceFailed) { () throws(IOFailure) in _ = try await stage.read(file, block: 0) }
    }
    #expect(disk.failureCount == 1 && disk.damage.isEmpty)
  }

  /// Any of its sectors may have been written.
  @Test func aWriteThatFailsIsTorn() {
    var seen: Set<[UInt8]> = []
    for seed in 0..<40 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 3)
        disk.faults.writeFailurePerMille = 1000
        await Self.expect(.deviceFailed) { () throws(IOFailure) in try await stage.write(file, block: 1, 2) }
      }
      let sectors = disk.contents(of: "a")!.sectors
      #expect(sectors[..<8].allSatisfy { $0 == 1 } && sectors[16...].allSatisfy { $0 == 1 })
      seen.insert(Array(sectors[8..<16]))
    }
    #expect(seen.contains([UInt8](repeating: 1, count: 8)) && seen.contains([UInt8](repeating: 2, count: 8)))
    #expect(seen.count > 5)
  }

  /// The next sync succeeds without them: whoever believes it loses bytes with the power.
  @Test func aSyncThatFailsForgetsBlocks() {
    var lostCount = 0
    for seed in 0..<40 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 16)
        try await stage.write(file, block: 0, count: 16, 2)
        disk.faults.syncFailurePerMille = 1000
        await Self.expect(.deviceFailed) { () throws(IOFailure) in try await stage.loop.sync(file) }
        disk.faults.syncFailurePerMille = 0
        try await stage.loop.sync(file)
        #expect(try await stage.read(file, block: 0, count: 16).allSatisfy { $0 == 2 }, "read until the power goes")
      }
      #expect(disk.damage.allSatisfy { $0.kind == .forgotten })
      let forgotten = Set(disk.damage.map(\.range.lowerBound))
      disk.losePower()
      for (block, sectors) in Self.blocks(of: disk.contents(of: "a")!.sectors).enumerated() {
        if sectors.contains(1) {
          #expect(forgotten.contains(block * 4096))
          lostCount += 1
        }
      }
    }
    #expect(lostCount > 0)
  }

  /// A block that is written again is synced again.
  @Test func whatIsWrittenAgainIsNotForgotten() {
    for seed in 0..<40 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 8)
        try await stage.write(file, block: 0, count: 8, 2)
        disk.faults.syncFailurePerMille = 1000
        await Self.expect(.deviceFailed) { () throws(IOFailure) in try await stage.loop.sync(file) }
        disk.faults.syncFailurePerMille = 0
        try await stage.write(file, block: 0, count: 8, 3)
        try await stage.loop.sync(file)
      }
      disk.losePower()
      expectSame(disk.contents(of: "a"), DiskCrashTests.blocks(8, 3))
    }
  }

  /// Who reads meanwhile may find old sectors beside new ones.
  @Test func aWriteInTwoStepsIsSeenInBetween() {
    let readings = Readings()
    for seed in 0..<40 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      disk.faults.steppedWritePerMille = 1000
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 4)
        async let written: Void = stage.write(file, block: 0, count: 4, 2)
        for _ in 0..<1000 {
          let seen = try await stage.read(file, block: 0, count: 4).sectors
          #expect(seen.allSatisfy { $0 == 1 || $0 == 2 })
          if Set(seen).count == 2 { readings.mixedCount += 1 }
          if !seen.contains(1) { break }
        }
        try await written
        #expect(try await stage.read(file, block: 0, count: 4).allSatisfy { $0 == 2 })
      }
      #expect(disk.damage.isEmpty)
    }
    #expect(readings.mixedCount > 0)
  }

  private final class Readings: @unchecked Sendable {
    var mixedCount = 0
  }

  @Test func aDirectoryThatFailsIsSaid() {
    let disk = SimulatedDisk(seed: 1)
    let stage = DiskStage(disk, seed: 1)
    disk.faults.directoryFailurePerMille = 1000
    #expect(throws: DirectoryFailure(.make, "/disk/a", errno: EIO)) { try stage.directory.make("a", byteCount: 4096) }
    #expect(throws: DirectoryFailure(.sync, "/disk", errno: EIO)) { try stage.directory.sync() }
    #expect(disk.names.isEmpty && disk.failureCount == 2)
  }

  static func blocks(of sectors: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: sectors.count, by: 8).map { Array(sectors[$0..<$0 + 8]) }
  }

  static func expect(
    _ failure: IOFailure, at place: SourceLocation = #_sourceLocation, _ body: () async throws(IOFailure) -> Void
  ) async {
    do throws(IOFailure) {
      try await body()
      Issue.record("no failure", sourceLocation: place)
    } catch {
      #expect(error == failure, sourceLocation: place)
    }
  }
}

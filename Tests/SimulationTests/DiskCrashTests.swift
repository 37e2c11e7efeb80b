import Base
import Glibc
import IO
import Simulation
import Testing

/// What a pretend disk keeps when the process ends, or the machine.
@Suite struct DiskCrashTests {
  static let seeds = 0..<40 as Range<UInt64>

  @Test(arguments: seeds)
  func aKillKeepsWhatWasReported(seed: UInt64) {
    let disk = SimulatedDisk(seed: seed)
    DiskStage(disk, seed: seed).run { stage in
      let file = try stage.directory.make("a", byteCount: 16 * 4096)
      try await stage.write(file, block: 3, count: 2, 7)
    }
    disk.kill()
    expectSame(disk.contents(of: "a"), [UInt8](repeating: 0, count: 3 * 4096) + Self.blocks(2, 7) + Self.blocks(11, 0))
    DiskStage(disk, seed: seed).run { stage in
      let file = try #require(try stage.directory.open("a"))
      #expect(try await stage.read(file, block: 3, count: 2) == Self.blocks(2, 7))
    }
  }

  @Test(arguments: seeds)
  func aLossOfPowerKeepsWhatWasSynced(seed: UInt64) {
    let disk = SimulatedDisk(seed: seed)
    DiskStage(disk, seed: seed).run { stage in
      _ = try await stage.makeFile("a", blocks: 8, of: 5)
      let file = try stage.directory.make("b", byteCount: 4096)
      try await stage.write(file, block: 0, 6)
    }
    disk.losePower()
    expectSame(disk.contents(of: "a"), Self.blocks(8, 5))
  }

  /// Over the seeds every sector is seen as it was before, after each write to it, and torn beside others.
  @Test func aLossOfPowerKeepsAnyOfWhatWasNotSynced() {
    var blocksSeen: Set<[UInt8]> = []
    for seed in 0..<200 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        let file = try await stage.makeFile("a", blocks: 4, of: 1)
        try await stage.write(file, block: 1, count: 2, 2)
        try await stage.write(file, block: 1, count: 2, 3)
      }
      disk.losePower()
      let sectors = disk.contents(of: "a")!.sectors
      #expect(sectors[..<8].allSatisfy { $0 == 1 } && sectors[24...].allSatisfy { $0 == 1 }, "seed \(seed)")
      #expect(sectors[8..<24].allSatisfy { (1...3).contains($0) }, "seed \(seed)")
      blocksSeen.insert(Array(sectors[8..<16]))
      blocksSeen.insert(Array(sectors[16..<24]))
    }
    for byte in 1...3 as ClosedRange<UInt8> { #expect(blocksSeen.contains([UInt8](repeating: byte, count: 8))) }
    #expect(blocksSeen.count > 10, "blocks are torn")
  }

  /// Longer or shorter, the file may have its old length again.
  @Test(arguments: [1, 4])
  func aLengthIsDurableOnceTheFileIsSynced(blocks: Int) {
    var seen: Set<Int> = []
    for seed in 0..<100 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        stage.directory.close(try await stage.makeFile("a", blocks: 2))
        stage.directory.close(try stage.directory.make("a", byteCount: blocks * 4096))
      }
      disk.losePower()
      let contents = disk.contents(of: "a")!
      seen.insert(contents.count / 4096)
      #expect(contents[..<4096].allSatisfy { $0 == 1 })
      #expect(contents.dropFirst(2 * 4096).allSatisfy { $0 == 0 })
    }
    #expect(seen == [2, blocks])
  }

  /// What survived one loss of power is on the medium: another changes nothing.
  @Test(arguments: seeds)
  func whatSurvivedIsDurable(seed: UInt64) {
    let disk = SimulatedDisk(seed: seed)
    DiskStage(disk, seed: seed).run { stage in
      let file = try await stage.makeFile("a", blocks: 4)
      try await stage.write(file, block: 0, count: 4, 2)
      _ = try stage.directory.make("a", byteCount: 2 * 4096)
      _ = try stage.directory.make("b", byteCount: 4096)
    }
    disk.losePower()
    let survived = disk.names.map { disk.contents(of: $0) }
    disk.losePower()
    expectSame(disk.names.map { disk.contents(of: $0) }, survived)
  }

  /// Nothing of it, all of it, a beginning, any sectors: each is seen.
  @Test func aKillKeepsAnySectorsOfAWriteUnderWay() {
    var kinds: Set<String> = []
    for seed in 0..<200 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      let stage = DiskStage(disk, seed: seed)
      stage.run { stage in _ = try await stage.makeFile("a", blocks: 8) }
      stage.start { stage in
        guard let file = try? stage.directory.open("a") else { return }
        _ = try? await stage.write(file, block: 2, count: 4, 2)
      }
      // The session has submitted the write, and the device has not begun.
      stage.loop.turn(mayBlock: false)
      disk.kill()
      let sectors = disk.contents(of: "a")!.sectors
      #expect(sectors[..<16].allSatisfy { $0 == 1 } && sectors[48...].allSatisfy { $0 == 1 })
      let written = sectors[16..<48].map { $0 == 2 }
      switch written.filter({ $0 }).count {
      case 0: kinds.insert("none")
      case 32: kinds.insert("all")
      case let count: kinds.insert(written[..<count].contains(false) ? "any" : "beginning")
      }
    }
    #expect(kinds == ["none", "all", "beginning", "any"])
  }

  /// Changes of names are kept in their order, so many as the seed says.
  @Test func namesAreDurableOnceTheDirectoryIsSynced() {
    var seen: Set<[String]> = []
    for seed in 0..<100 as Range<UInt64> {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        _ = try await stage.makeFile("a", blocks: 1)
        stage.directory.close(try stage.directory.make("b", byteCount: 4096))
        try stage.directory.rename("b", to: "c")
        try stage.directory.remove("a")
      }
      disk.losePower()
      seen.insert(disk.names)
    }
    #expect(seen == [["a"], ["a", "b"], ["a", "c"], ["c"]])
  }

  @Test func aFileThatComesBackHasItsBytes() {
    for seed in Self.seeds {
      let disk = SimulatedDisk(seed: seed)
      DiskStage(disk, seed: seed).run { stage in
        stage.directory.close(try await stage.makeFile("a", blocks: 2, of: 9))
        try stage.directory.remove("a")
      }
      disk.losePower()
      if let contents = disk.contents(of: "a") { expectSame(contents, Self.blocks(2, 9)) }
    }
  }

  /// What is left of a process that was killed is told that the device is gone, and changes nothing.
  @Test(arguments: seeds)
  func afterAKillNothingOfTheOldWorldReachesTheDisk(seed: UInt64) throws {
    let disk = SimulatedDisk(seed: seed)
    let old = DiskStage(disk, seed: seed)
    let failures = Failures()
    old.run { stage in _ = try await stage.makeFile("a", blocks: 4) }
    for block in 0..<4 {
      old.start { stage in
        do throws(IOFailure) {
          guard let file = try? stage.directory.open("a") else { return }
          while true { try await stage.write(file, block: block, 2) }
        } catch {
          failures.all.append(error.reason)
        }
      }
    }
    old.wait(nanoseconds: 200_000)
    disk.kill()
    let survived = disk.contents(of: "a")
    let next = DiskStage(disk, seed: seed)
    #expect(throws: DirectoryFailure(.make, "/disk/b", errno: ENODEV)) { try old.directory.make("b", byteCount: 4096) }
    old.wait(nanoseconds: 1_000_000_000)
    #expect(failures.all == [String](repeating: "device_gone", count: 4))
    expectSame(disk.contents(of: "a"), survived)
    #expect(try next.directory.lock())
  }

  private final class Failures: @unchecked Sendable {
    var all: [String] = []
  }

  static func blocks(_ count: Int, _ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: count * 4096) }
}

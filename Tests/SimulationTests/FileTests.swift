import Base
import Glibc
import IO
import Simulation
import Testing

/// The simulated device: short and late operations, failures, and otherwise as a real file.
@Suite struct FileTests {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func whatIsWrittenInPiecesIsReadInPieces(seed: UInt64) throws {
    let world = SimulatedWorld(seed: seed)
    let life = FileLife(world, bytes: 10_000)
    let ended = world.run(until: { life.outcome != nil }, nanosecondsMax: 600_000_000_000)
    #expect(ended, "seed \(seed)")
    #expect(try life.outcome?.get() == life.written, "seed \(seed)")
    #expect(life.readAtEnd == 0)
  }

  /// Either the write was carried out, or its deadline ended the wait for the device and it never will be.
  @Test func aDeadlineEndsTheWaitForTheDevice() {
    var timeouts = 0
    for seed in 0..<50 as Range<UInt64> {
      var faults = FaultPlan.none
      (faults.latePerMille, faults.lateNanosecondsMax) = (500, 40_000_000)
      let world = SimulatedWorld(seed: seed, faults: faults)
      let life = HurriedWrite(world)
      #expect(world.run(until: { life.bytesThere != nil }, nanosecondsMax: 600_000_000_000))
      #expect(life.bytesThere == (life.timedOut ? 0 : 8), "seed \(seed)")
      timeouts += life.timedOut ? 1 : 0
    }
    #expect((5..<45).contains(timeouts), "both must have been tried: \(timeouts)")
  }

  @Test func aFailingDeviceIsSaid() {
    var faults = FaultPlan.none
    faults.deviceFailurePerMille = 1000
    let world = SimulatedWorld(seed: 1, faults: faults)
    let life = FileLife(world, bytes: 100)
    _ = world.run(until: { life.outcome != nil }, nanosecondsMax: 600_000_000_000)
    #expect(life.outcome == .failure(.deviceFailed))
  }
}

/// Writes bytes to a simulated file at an offset, syncs, and reads them back. All on the world's one thread.
private final class FileLife: @unchecked Sendable {
  let written: [UInt8]
  private(set) var outcome: Result<[UInt8], IOFailure>?
  private(set) var readAtEnd: Int?
  private let memory: UnsafeMutableRawBufferPointer
  private let region = UnsafeMutablePointer<iovec>.allocate(capacity: 1)

  init(_ world: SimulatedWorld, bytes: Int) {
    written = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    memory = .allocate(byteCount: bytes, alignment: 64)
    let file = world.makeFile()
    let loop = world.makeLoop()
    loop.startRoot { [self] in await live(loop, file) }
  }

  deinit {
    memory.deallocate()
    region.deallocate()
  }

  private func live(_ loop: EventLoop, _ file: Int32) async {
    do throws(IOFailure) {
      memory.copyBytes(from: written)
      var done = 0
      while done < written.count {
        done += try await loop.write(file: file, at: 512 + UInt64(done), from: rest(from: done), count: 1)
      }
      try await loop.sync(file: file)
      memory.initializeMemory(as: UInt8.self, repeating: 0)
      done = 0
      while done < written.count {
        done += try await loop.read(file: file, at: 512 + UInt64(done), into: rest(from: done), count: 1)
      }
      readAtEnd = try await loop.read(file: file, at: 512 + UInt64(done), into: rest(from: 0), count: 1)
      loop.driver.close(file)
      outcome = .success(Array(memory))
    } catch {
      outcome = .failure(error)
    }
  }

  private func rest(from offset: Int) -> UnsafeMutablePointer<iovec> {
    region.pointee = iovec(iov_base: memory.baseAddress! + offset, iov_len: memory.count - offset)
    return region
  }
}

/// Writes with a deadline of 10 ms, and looks afterwards, and once more later, what the file holds.
private final class HurriedWrite: @unchecked Sendable {
  private(set) var timedOut = false
  private(set) var bytesThere: Int?
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
  private let region = UnsafeMutablePointer<iovec>.allocate(capacity: 1)

  init(_ world: SimulatedWorld) {
    memory.initializeMemory(as: UInt8.self, repeating: 1, count: 8)
    region.initialize(to: iovec(iov_base: memory, iov_len: 8))
    let file = world.makeFile()
    let loop = world.makeLoop()
    loop.startRoot { [self] in await live(loop, file) }
  }

  deinit {
    memory.deallocate()
    region.deallocate()
  }

  private func live(_ loop: EventLoop, _ file: Int32) async {
    do throws(IOFailure) {
      _ = try await loop.write(file: file, at: 0, from: region, count: 1, deadline: loop.now + 10_000_000)
    } catch {
      timedOut = error == .timedOut
    }
    await loop.sleep(nanoseconds: 100_000_000)
    bytesThere = try? await loop.read(file: file, at: 0, into: region, count: 1)
  }
}

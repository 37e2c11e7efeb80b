import Base
import Glibc
import IO
import Simulation
import Testing

/// The pretend device: short and late operations, failures, and everything else as a real file has it.
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

  @Test func aFailingDeviceIsSaid() {
    var faults = FaultPlan.none
    faults.deviceFailurePerMille = 1000
    let world = SimulatedWorld(seed: 1, faults: faults)
    let life = FileLife(world, bytes: 100)
    _ = world.run(until: { life.outcome != nil }, nanosecondsMax: 600_000_000_000)
    #expect(life.outcome == .failure(.deviceFailed))
  }
}

/// Writes bytes to a pretend file at an offset, syncs, and reads them back. All on the world's one thread.
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

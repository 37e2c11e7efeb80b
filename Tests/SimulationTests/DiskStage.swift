import Base
import Glibc
import IO
import Simulation
import Testing

/// A world of one loop with a disk attached. All on the one thread of the test.
final class DiskStage: @unchecked Sendable {
  let world: SimulatedWorld
  let loop: EventLoop
  let disk: SimulatedDisk
  let directory: SimulatedDirectory

  init(_ disk: SimulatedDisk, seed: UInt64, faults: FaultPlan = .none) {
    self.disk = disk
    world = SimulatedWorld(seed: seed, faults: faults)
    loop = world.makeLoop()
    directory = world.attach(disk)
  }

  /// Begins a session on the loop.
  func start(_ body: @escaping @Sendable (DiskStage) async -> Void) {
    loop.startRoot { [self] in await body(self) }
  }

  /// Runs a session to its end.
  func run(_ body: @escaping @Sendable (DiskStage) async throws -> Void, at place: SourceLocation = #_sourceLocation) {
    var isOver = false
    let end = UncheckedEnd { isOver = true }
    start { stage in
      do { try await body(stage) } catch { Issue.record("\(error)", sourceLocation: place) }
      end.call()
    }
    let ended = world.run(until: { isOver }, nanosecondsMax: 3_600_000_000_000)
    #expect(ended, "the session does not end", sourceLocation: place)
  }

  /// Lets time pass, whatever happens in it.
  func wait(nanoseconds: UInt64) {
    let end = world.now + nanoseconds
    _ = world.run(until: { self.world.now >= end }, nanosecondsMax: nanoseconds)
  }

  private struct UncheckedEnd: @unchecked Sendable {
    let call: () -> Void
  }
}

extension DiskStage {
  /// A file of blocks of one byte each, durable with its name.
  func makeFile(_ name: String, blocks: Int, of byte: UInt8 = 1) async throws -> DeviceFile {
    let file = try directory.make(name, byteCount: blocks * Limits.directAlignmentBytes)
    try await write(file, block: 0, count: blocks, byte)
    try await loop.sync(file)
    try directory.sync()
    return file
  }

  /// Writes blocks of one byte, however often it takes.
  func write(_ file: DeviceFile, block: Int, count: Int = 1, _ byte: UInt8) async throws(IOFailure) {
    let memory = DiskMemory(bytes: count * Limits.directAlignmentBytes, byte)
    var done = 0
    while done < memory.bytes.count {
      let offset = UInt64(block * Limits.directAlignmentBytes + done)
      done += try await loop.write(file, at: offset, from: memory.region(from: done), count: 1)
    }
  }

  func read(_ file: DeviceFile, block: Int, count: Int = 1, deadline: UInt64 = EventLoop.never)
    async throws(IOFailure) -> [UInt8]
  {
    let memory = DiskMemory(bytes: count * Limits.directAlignmentBytes, 0xEE)
    var done = 0
    while done < memory.bytes.count {
      let offset = UInt64(block * Limits.directAlignmentBytes + done)
      let more = try await loop.read(
        file, at: offset, into: memory.region(from: done), count: 1, deadline: deadline)
      if more == 0 { break }
      done += more
    }
    return Array(memory.bytes[..<done])
  }
}

/// Aligned memory with one region over it.
final class DiskMemory: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  private let storage = UnsafeMutablePointer<iovec>.allocate(capacity: 1)

  init(bytes count: Int, _ byte: UInt8) {
    bytes = .allocate(byteCount: count, alignment: Limits.directAlignmentBytes)
    bytes.initializeMemory(as: UInt8.self, repeating: byte)
  }

  deinit {
    bytes.deallocate()
    storage.deallocate()
  }

  func region(from start: Int = 0, to end: Int? = nil) -> UnsafeMutablePointer<iovec> {
    storage.initialize(to: iovec(iov_base: bytes.baseAddress! + start, iov_len: (end ?? bytes.count) - start))
    return storage
  }
}

/// Compares before it expects: Testing takes minutes to say where two long arrays differ.
func expectSame<Value: Equatable>(_ value: Value, _ expected: Value, at place: SourceLocation = #_sourceLocation) {
  let isSame = value == expected
  #expect(isSame, sourceLocation: place)
}

extension [UInt8] {
  /// By sectors, where each is of one byte only.
  var sectors: [UInt8] {
    stride(from: 0, to: count, by: 512).map { start in
      #expect(self[start..<start + 512].allSatisfy { $0 == self[start] }, "a sector is torn")
      return self[start]
    }
  }
}

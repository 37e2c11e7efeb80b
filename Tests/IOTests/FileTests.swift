import Base
import Glibc
import Synchronization
import Testing

@testable import IO

/// Bytes reach a real file at the right place, and come back.
@Suite(.patience)
struct FileTests {
  @Test(arguments: realDrivers)
  func whatIsWrittenIsRead(kind: DriverKind) async throws {
    let file = try temporaryFile()
    let written = Buffer(pattern: 300_001)
    let returned = Buffer(count: 300_001)
    try await onLoop(kind) { loop in
      try await loop.writeAll(file, written, at: 4096)
      try await loop.sync(file: file)
      try await expect(loop.readAll(file, into: returned, at: 4096), 300_001)
      try await expect(loop.readAll(file, into: Buffer(count: 16), at: 4096 + 300_001), 0)
      loop.driver.close(file)
    }
    #expect(returned.equals(written))
  }

  @Test(arguments: realDrivers)
  func theHoleBeforeAWriteReadsAsZeros(kind: DriverKind) async throws {
    let file = try temporaryFile()
    let hole = Buffer(count: 4096, fill: 0xAA)
    try await onLoop(kind) { loop in
      try await loop.writeAll(file, Buffer(pattern: 10), at: 4096)
      try await expect(loop.readAll(file, into: hole, at: 0), 4096)
      loop.driver.close(file)
    }
    #expect(hole.contents.allSatisfy { $0 == 0 })
  }

  @Test(arguments: realDrivers)
  func aFullDeviceIsSaid(kind: DriverKind) async throws {
    let full = open("/dev/full", O_WRONLY)
    let outcome = try await onLoop(kind) { loop in
      let outcome = await Result.of { () throws(IOFailure) in try await loop.writeAll(full, Buffer(count: 8), at: 0) }
      loop.driver.close(full)
      return outcome.map { true }
    }
    #expect(outcome == .failure(.outOfSpace))
  }

  /// More at once than there are threads, each at a place of its own.
  @Test(arguments: realDrivers)
  func manyAtOnceDoNotMixUp(kind: DriverKind) async throws {
    let file = try temporaryFile()
    let (pieces, bytes) = (100, 20_000)
    try await onLoop(kind) { loop in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for piece in 0..<pieces {
          group.addTask {
            let buffer = Buffer(count: bytes, fill: UInt8(piece))
            try await loop.writeAll(file, buffer, at: UInt64(piece * bytes))
            try await expect(loop.readAll(file, into: buffer, at: UInt64(piece * bytes)), bytes)
            #expect(buffer.contents.allSatisfy { $0 == UInt8(piece) })
          }
        }
        try await group.waitForAll()
      }
      try await loop.sync(file: file)
      let whole = Buffer(count: pieces * bytes)
      try await expect(loop.readAll(file, into: whole, at: 0), pieces * bytes)
      #expect((0..<pieces).allSatisfy { whole.contents[$0 * bytes] == UInt8($0) })
      loop.driver.close(file)
    }
  }

  /// Reads race with deadlines that pass at once; whichever wins, the memory is the caller's again afterwards.
  @Test(arguments: realDrivers)
  func afterADeadlineTheMemoryIsTheCallersAgain(kind: DriverKind) async throws {
    let file = try temporaryFile()
    let bytes = 200_000
    try await onLoop(kind) { loop in
      try await loop.writeAll(file, Buffer(count: bytes, fill: 1), at: 0)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<200 {
          group.addTask {
            let buffer = Buffer(count: bytes)
            let (regions, count) = buffer.regions(pieces: 3)
            let outcome = await Result.of { () throws(IOFailure) in
              try await loop.read(file: file, at: 0, into: regions, count: count, deadline: loop.now)
            }
            #expect(outcome == .success(bytes) || outcome == .failure(.timedOut))
            buffer.bytes.initializeMemory(as: UInt8.self, repeating: 2)
            for _ in 0..<5 { await loop.settle() }
            #expect(buffer.contents.allSatisfy { $0 == 2 })
          }
        }
      }
      loop.driver.close(file)
    }
  }

  /// Every thread hangs in a call: the loop goes on, a deadline ends the wait of what they have not begun, and what they
  /// have begun completes by itself.
  @Test
  func aDeviceThatHangsStopsNeitherTheLoopNorDeadlines() async throws {
    let file = try temporaryFile()
    let device = HangingDevice()
    let driver = try EpollDriver()
    driver.callOnFile = { device.call($0) }
    try await onLoop(over: driver) { loop in
      let (stuck, late) = (Limits.fileThreadsMax, 3)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<stuck { group.addTask { try await loop.sync(file: file) } }
        while device.begun < stuck { await loop.sleep(nanoseconds: 1_000_000) }
        for _ in 0..<late {
          let outcome = await Result.of { () throws(IOFailure) in
            try await loop.sync(file: file, deadline: loop.now + 1_000_000)
            return true
          }
          #expect(outcome == .failure(.timedOut))
        }
        device.release(stuck)
        try await group.waitForAll()
      }
      #expect(device.begun == stuck, "what was cancelled was carried out")
      device.release(1)
      try await loop.sync(file: file)
      loop.driver.close(file)
    }
  }

  /// Already deleted, so that nothing is left behind.
  private func temporaryFile() throws -> Int32 {
    var name = Array("/tmp/lmcache-server-file-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    try #require(file >= 0, "mkstemp: errno \(errno)")
    unlink(name)
    return file
  }
}

extension EventLoop {
  func writeAll(_ file: Int32, _ buffer: Buffer, at offset: UInt64) async throws(IOFailure) {
    defer { withExtendedLifetime(buffer) {} }
    var done = 0
    while done < buffer.bytes.count {
      let (regions, count) = buffer.regions(from: done, pieces: 3)
      done += try await write(file: file, at: offset + UInt64(done), from: regions, count: count)
    }
  }

  /// Reads until the buffer is full or the file ends; returns the count of bytes.
  func readAll(_ file: Int32, into buffer: Buffer, at offset: UInt64) async throws(IOFailure) -> Int {
    defer { withExtendedLifetime(buffer) {} }
    var done = 0
    while done < buffer.bytes.count {
      let (regions, count) = buffer.regions(from: done, pieces: 3)
      let more = try await read(file: file, at: offset + UInt64(done), into: regions, count: count)
      if more == 0 { break }
      done += more
    }
    return done
  }
}

/// Holds every call until it is released.
private final class HangingDevice: @unchecked Sendable {
  private let permits = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  private let count = Atomic(0)

  init() { sem_init(permits, 0, 0) }

  deinit {
    sem_destroy(permits)
    permits.deallocate()
  }

  var begun: Int { count.load(ordering: .sequentiallyConsistent) }

  func call(_ operation: Operation) -> Int32 {
    count.add(1, ordering: .sequentiallyConsistent)
    while sem_wait(permits) != 0 {}
    return 0
  }

  func release(_ calls: Int) { for _ in 0..<calls { sem_post(permits) } }
}

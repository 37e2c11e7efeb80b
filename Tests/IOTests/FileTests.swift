import Glibc
import Testing

@testable import IO

/// Bytes reach a real file where they were meant to go, and come back.
@Suite(.patience)
struct FileTests {
  static let waiting = realDrivers.filter { $0 == .uring }

  @Test(arguments: waiting)
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

  @Test(arguments: waiting)
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

  @Test(arguments: waiting)
  func aFullDeviceIsSaid(kind: DriverKind) async throws {
    let full = open("/dev/full", O_WRONLY)
    let outcome = try await onLoop(kind) { loop in
      let outcome = await Result.of { () throws(IOFailure) in try await loop.writeAll(full, Buffer(count: 8), at: 0) }
      loop.driver.close(full)
      return outcome.map { true }
    }
    #expect(outcome == .failure(.outOfSpace))
  }

  @Test
  func epollRefusesWhatItCannotWaitFor() async throws {
    let file = try temporaryFile()
    let outcome = try await onLoop(.epoll) { loop in
      let outcome = await Result.of { () throws(IOFailure) in
        try await loop.readAll(file, into: Buffer(count: 8), at: 0)
      }
      loop.driver.close(file)
      return outcome
    }
    #expect(outcome == .failure(.unsupported))
  }

  /// Deleted already, so that nothing is left behind.
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

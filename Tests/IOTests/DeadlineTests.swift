import Base
import Glibc
import Testing

@testable import IO

/// A deadline ends a wait and loses nothing.
@Suite(.patience)
struct DeadlineTests {
  @Test(arguments: realDrivers)
  func aSilentPeerTimesOutAndTheStreamGoesOn(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      let deadline = loop.now + 20_000_000
      let outcome = await Result.of { () throws(IOFailure) in
        try await loop.receiveOnce(pair.ours, into: Buffer(count: 8), deadline: deadline)
      }
      #expect(outcome == .failure(.timedOut))
      #expect(loop.now >= deadline, "a deadline is never early")
      Sockets.write(pair.theirs, [7])
      try await expect(loop.receiveOnce(pair.ours, into: Buffer(count: 8)), 1)
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }

  @Test(arguments: realDrivers)
  func afterATimeoutTheMemoryIsTheCallersAgain(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      let abandoned = Buffer(count: 64, fill: 0xAA)
      let outcome = await Result.of { () throws(IOFailure) in
        try await loop.receiveOnce(pair.ours, into: abandoned, deadline: loop.now)
      }
      #expect(outcome == .failure(.timedOut))
      Sockets.write(pair.theirs, [1, 2, 3, 4])
      for _ in 0..<5 { await loop.settle() }
      #expect(abandoned.contents.allSatisfy { $0 == 0xAA })
      let buffer = Buffer(count: 4)
      try await expect(loop.receiveAll(pair.ours, into: buffer), 4)
      #expect(buffer.contents == [1, 2, 3, 4])
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }

  @Test(arguments: realDrivers)
  func bytesThatAreThereWinOverADeadlineThatHasPassed(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.write(pair.theirs, [1, 2, 3, 4])
    try await onLoop(kind) { loop in
      await loop.sleep(nanoseconds: 1)
      try await expect(loop.receiveOnce(pair.ours, into: Buffer(count: 8), deadline: 1), 4)
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }

  /// A writer races against hundreds of deadlines; no byte is lost or doubled, whichever wins a round.
  @Test(arguments: realDrivers)
  func cancellingLosesNoBytes(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    let count = 300
    let writer = Thread(name: "writer") {
      var random = SplitMix64(seed: 7)
      for index in 0..<count {
        usleep(UInt32(random.pick(0...8000)))
        Sockets.write(pair.theirs, [UInt8(truncatingIfNeeded: index)])
      }
    }
    let (arrived, timeouts) = try await onLoop(kind) { loop in
      let buffer = Buffer(count: 16)
      var arrived: [UInt8] = []
      var timeouts = 0
      while arrived.count < count {
        do throws(IOFailure) {
          let received = try await loop.receiveOnce(pair.ours, into: buffer, deadline: loop.now + 2_000_000)
          arrived += buffer.contents.prefix(received)
        } catch {
          #expect(error == .timedOut)
          timeouts += 1
        }
      }
      loop.driver.close(pair.ours)
      return (arrived, timeouts)
    }
    writer.join()
    Glibc.close(pair.theirs)
    #expect(arrived == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    #expect(timeouts > 0, "no deadline passed: the race was not tried")
  }

  @Test(arguments: realDrivers)
  func aSendThatNobodyReadsTimesOut(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      let buffer = Buffer(pattern: 1 << 20)
      let outcome = await Result.of { () throws(IOFailure) -> Int in
        while true {
          let (regions, count) = buffer.regions(pieces: 3)
          _ = try await loop.send(pair.ours, from: regions, count: count, deadline: loop.now + 50_000_000)
        }
      }
      #expect(outcome == .failure(.timedOut))
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }

  @Test(arguments: realDrivers)
  func sleepersWakeInTheOrderOfTheirDeadlinesAndNeverEarly(kind: DriverKind) async throws {
    let milliseconds = [70, 10, 40, 100, 20, 0, 60, 30, 90, 50, 80]
    let woken = try await onLoop(kind) { loop in
      await withTaskGroup(of: Int.self) { group in
        let start = loop.now
        for delay in milliseconds {
          let deadline = start + UInt64(delay) * 1_000_000
          group.addTask {
            await loop.sleep(until: deadline)
            #expect(loop.now >= deadline)
            return delay
          }
        }
        return await group.reduce(into: [Int]()) { $0.append($1) }
      }
    }
    #expect(woken == milliseconds.sorted())
  }

  static let endsOfTime: [UInt64] = [.max, .max - 1, .max - 3_999_998, .max - 4_000_000]

  /// The latest possible time must neither fire at once nor overflow.
  @Test(arguments: realDrivers, endsOfTime)
  func theFarthestDeadlineDoesNotFire(kind: DriverKind, deadline: UInt64) async throws {
    let pair = try Sockets.localPair()
    try await onLoop(kind) { loop in
      async let received = loop.receiveOnce(pair.ours, into: Buffer(count: 8), deadline: deadline)
      await loop.sleep(nanoseconds: 10_000_000)
      Sockets.write(pair.theirs, [1, 2])
      try await expect(received, 2)
      loop.driver.close(pair.ours)
    }
    Glibc.close(pair.theirs)
  }
}

import Base
import Glibc
import Testing

@testable import IO

/// Pages that the kernel references instead of copying their bytes.
@Suite(.patience, .serialized)
struct LendingTests {
  /// Bytes to copy, and bytes to lend behind them.
  static let shapes = [(0, 1), (0, 3 << 20), (36, 1), (36, 3 << 20), (5000, 100_001), (200_000, 200_000), (7, 1 << 20)]

  @Test(arguments: realDrivers, shapes)
  func everyByteArrivesOnce(kind: DriverKind, shape: (copied: Int, lent: Int)) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.narrow(pair)
    let whole = Buffer(pattern: shape.copied + shape.lent)
    let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: UInt64(shape.copied))
    let calls = try await onLoop(kind) { loop in
      let calls = try await loop.lendAll(pair.ours, whole, copied: shape.copied, pieces: 3)
      #expect(loop.driver.lends, "the kernel of this machine lends")
      loop.driver.close(pair.ours)
      return calls
    }
    #expect(reader.finish().equals(whole))
    // Each of them is also bounded by the size of the pipe.
    if shape.lent > 1 << 20 { #expect(calls > 2 * shape.lent / Limits.sliceBytes, "no send was short") }
  }

  @Test(arguments: realDrivers)
  func aDeadlineEndsTheWaitForRoomAndLosesNothing(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.narrow(pair)
    let whole = Buffer(pattern: 4 << 20)
    try await onLoop(kind) { loop in
      var sent = 0
      for round in 1...2 {
        let before = sent
        let outcome = await Result.of { () throws(IOFailure) -> Int in
          while true {
            sent += try await loop.lend(pair.ours, whole, from: sent, deadline: loop.now + 30_000_000)
          }
        }
        #expect(outcome == .failure(.timedOut))
        // The second wait starts anew, with a socket that is practically full.
        #expect(round == 1 ? sent > 0 : sent - before < 65536, "round \(round)")
        #expect(sent < whole.bytes.count)
      }
      let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: 3)
      while sent < whole.bytes.count { sent += try await loop.lend(pair.ours, whole, from: sent) }
      loop.driver.close(pair.ours)
      #expect(reader.finish().equals(whole))
    }
  }

  /// The default action of SIGPIPE would end the tests.
  @Test(arguments: realDrivers, [0, 10])
  func aPeerThatGoesIsGone(kind: DriverKind, copied: Int) async throws {
    signal(SIGPIPE, SIG_DFL)
    let pair = try Sockets.tcpPair()
    try await onLoop(kind) { loop in
      let whole = Buffer(pattern: 1 << 20)
      async let outcome = Result.of { () throws(IOFailure) -> Int in
        while true { _ = try await loop.lendAll(pair.ours, whole, copied: copied) }
      }
      await loop.sleep(nanoseconds: 20_000_000)
      Glibc.close(pair.theirs)
      #expect(await outcome == .failure(.peerGone))
      let again = await Result.of { () throws(IOFailure) in try await loop.lend(pair.ours, whole, from: 0) }
      #expect(again == .failure(.peerGone))
      #expect(loop.driver.lends)
      loop.driver.close(pair.ours)
    }
  }

  /// Bytes that a full socket does not take must not come out of another connection.
  @Test(arguments: realDrivers)
  func connectionsDoNotMeetInThePipe(kind: DriverKind) async throws {
    let pairs = try (0..<6).map { _ in try Sockets.tcpPair() }
    for pair in pairs { Sockets.narrow(pair) }
    // Each connection has its own bytes and pace: the first is not read until the others have ended.
    let values = pairs.indices.map { index in
      let value = Buffer(pattern: 1 << 20)
      for place in value.bytes.indices { value.bytes[place] ^= UInt8(index * 37) }
      return value
    }
    let readers = Shared<[SlowReader]>([])
    let start: @Sendable (Int) -> Void = { index in
      let reader = SlowReader(pairs[index].theirs, count: values[index].bytes.count, seed: UInt64(index))
      readers.change { $0.append(reader) }
    }
    try await onLoop(kind) { loop in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for index in pairs.indices {
          if index > 0 { start(index) }
          group.addTask {
            try await loop.lendAll(pairs[index].ours, values[index], copied: index * 11)
            return index
          }
        }
        for _ in 1..<pairs.count { #expect(try await group.next() != 0, "nobody reads there") }
        start(0)
        try await group.waitForAll()
      }
      for pair in pairs { loop.driver.close(pair.ours) }
    }
    for (index, reader) in zip(Array(1..<pairs.count) + [0], readers.value) {
      #expect(reader.finish().equals(values[index]), "connection \(index)")
    }
  }

  @Test(arguments: realDrivers)
  func withoutLendingEverythingIsCopied(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    Sockets.narrow(pair)
    let whole = Buffer(pattern: 2 << 20)
    let reader = SlowReader(pair.theirs, count: whole.bytes.count, seed: 5)
    try await onLoop(over: makeDriver(kind, lends: false)) { loop in
      #expect(!loop.driver.lends)
      try await loop.lendAll(pair.ours, whole, copied: 36, pieces: 3)
      loop.driver.close(pair.ours)
    }
    #expect(reader.finish().equals(whole))
  }

  /// The kernel refuses to splice into some files, as a seccomp profile may refuse splice.
  @Test func aRefusalIsForGood() throws {
    var lender = PageLender(isAllowed: true)
    let whole = Buffer(pattern: 100_000)
    let (regions, count) = whole.regions(pieces: 2)
    let event = WakeDescriptor()
    let outcome = lender.attempt(event.descriptor, regions, count: count, copied: 0)
    #expect(outcome == .mustCopy)
    let (refusal, isWilling) = (lender.refusal, lender.isWilling)
    #expect(!isWilling && refusal == DriverRefusal(what: "splice", errno: EINVAL))
    let pair = try Sockets.tcpPair()
    let again = lender.attempt(pair.ours, regions, count: count, copied: 1)
    #expect(again == .mustCopy)
    #expect(recv(pair.theirs, whole.bytes.baseAddress, 1, Int32(MSG_DONTWAIT)) == -1, "nothing was sent")
    Glibc.close(pair.ours)
    Glibc.close(pair.theirs)
  }

  /// On a machine whose /dev/null is a file, that would grow by all that a socket does not take.
  @Test func whatIsThrownAwayIsKeptNowhere() throws {
    let path = "/tmp/not-null-\(getpid())"
    let file = open(path, O_CREAT | O_RDWR, 0o600)
    defer {
      unlink(path)
      Glibc.close(file)
    }
    let pair = try Sockets.tcpPair()
    Sockets.narrow(pair)
    var lender = PageLender(isAllowed: true, nowherePath: path)
    let whole = Buffer(pattern: 1 << 20)
    let (regions, count) = whole.regions(pieces: 1)
    var outcome = PageLender.Outcome.mustCopy
    for _ in 0..<10 { outcome = lender.attempt(pair.ours, regions, count: count, copied: 0) }
    let isWilling = lender.isWilling
    #expect(outcome == .noRoom && isWilling)
    #expect(lseek(file, 0, SEEK_END) == 0)
    Glibc.close(pair.ours)
    Glibc.close(pair.theirs)
  }

  /// The bytes prove it: a change after the send changes bytes that the peer has not read yet.
  @Test(arguments: realDrivers)
  func pagesAreNotCopied(kind: DriverKind) async throws {
    let pair = try Sockets.tcpPair()
    let whole = Buffer(pattern: 128 * 1024)
    let sent = try await onLoop(kind) { loop in
      let sent = try await loop.lend(pair.ours, whole, from: 0)
      loop.driver.close(pair.ours)
      return sent
    }
    whole.bytes.initializeMemory(as: UInt8.self, repeating: 0xEE)
    let arrived = Sockets.read(pair.theirs, count: sent)
    #expect(arrived.count == sent && arrived.suffix(1000).allSatisfy { $0 == 0xEE })
    Glibc.close(pair.theirs)
  }
}

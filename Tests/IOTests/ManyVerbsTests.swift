import Base
import Glibc
import Testing

@testable import IO

/// More operations at once than any queue of the drivers holds.
@Suite(.patience, .serialized)
struct ManyVerbsTests {
  /// Each pair takes two descriptors, and other tests have theirs at the same time.
  private static let pairsMax = openFilesMax() / 8
  private static let hasEnough: ConditionTrait = .enabled(
    if: pairsMax >= 2 * Limits.completionsPerTurn, "a queue is overflown only by more open files (ulimit -n)")

  /// Submissions overflow the submission queue; completions are several times what a turn takes.
  @Test(hasEnough, arguments: realDrivers)
  func thousandsWaitAtOnceAndEndAtOnce(kind: DriverKind) async throws {
    let count = min(5000, Self.pairsMax)
    let pairs = try (0..<count).map { _ in try Sockets.localPair() }
    try await onLoop(kind, verbsMax: count + 16) { loop in
      try await withThrowingTaskGroup(of: (Int, UInt8).self) { group in
        for (number, pair) in pairs.enumerated() {
          group.addTask {
            let buffer = Buffer(count: 4)
            let (regions, regionCount) = buffer.regions(pieces: number % 2 + 1)
            let received = try await loop.receive(pair.ours, into: regions, count: regionCount)
            #expect(received == 1)
            return (number, buffer.contents[0])
          }
        }
        await loop.settle()
        for (number, pair) in pairs.enumerated() { Sockets.write(pair.theirs, [UInt8(truncatingIfNeeded: number)]) }
        var seen = 0
        for try await (number, byte) in group {
          #expect(byte == UInt8(truncatingIfNeeded: number))
          seen += 1
        }
        #expect(seen == count)
      }
      for pair in pairs {
        loop.driver.close(pair.ours)
        loop.driver.close(pair.theirs)
      }
    }
  }

  /// Every one of thousands is cancelled in the same turn.
  @Test(hasEnough, arguments: realDrivers)
  func thousandsTimeOutAtOnce(kind: DriverKind) async throws {
    let count = min(3000, Self.pairsMax)
    let pairs = try (0..<count).map { _ in try Sockets.localPair() }
    try await onLoop(kind, verbsMax: count + 16) { loop in
      let deadline = loop.now + 100_000_000
      await withTaskGroup(of: Result<Int, IOFailure>.self) { group in
        for pair in pairs {
          group.addTask {
            await Result.of { () throws(IOFailure) in
              try await loop.receiveOnce(pair.ours, into: Buffer(count: 4), deadline: deadline)
            }
          }
        }
        for await outcome in group { #expect(outcome == .failure(.timedOut)) }
      }
      for pair in pairs {
        loop.driver.close(pair.ours)
        loop.driver.close(pair.theirs)
      }
    }
  }

  /// Everything completes during submission, before any completion is taken: the completion queue overflows.
  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func noCompletionIsLostWhenTheCompletionQueueOverflows() throws {
    let count = 20_000
    let pair = try Sockets.tcpPair()
    Sockets.write(pair.theirs, [UInt8](repeating: 1, count: count))
    let driver = try UringDriver(verbsMax: count)
    driver.start()
    let buffer = Buffer(count: 1)
    for token in 0..<count {
      driver.submit(.receive(pair.ours, buffer.regions().0, count: 1, []), token: UInt64(token))
    }
    var seen = [Int](repeating: 0, count: count)
    let completions = UnsafeMutableBufferPointer<Completion>.allocate(capacity: Limits.completionsPerTurn)
    defer { completions.deallocate() }
    var emptyWaits = 0
    while seen.contains(0), emptyWaits < 10 {
      let arrived = driver.wait(until: driver.now() + 1_000_000_000, into: completions)
      emptyWaits = arrived == 0 ? emptyWaits + 1 : 0
      for position in 0..<arrived {
        #expect(completions[position].result == 1)
        seen[Int(completions[position].token)] += 1
      }
    }
    #expect(seen.allSatisfy { $0 == 1 })
    driver.close(pair.ours)
    Glibc.close(pair.theirs)
  }
}

/// Raises the limit as far as possible.
private func openFilesMax() -> Int {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  return Int(min(limit.rlim_max, rlim_t(Int32.max)))
}

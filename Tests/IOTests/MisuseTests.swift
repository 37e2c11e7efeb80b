import Base
import Glibc
import Testing

@testable import IO

/// Programmer errors end the process instead of corrupting it.
@Suite(.patience)
struct MisuseTests {
  @Test
  func aVerbOffItsLoopTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let running = try RunningLoop(.epoll)
      await running.loop.sleep(nanoseconds: 1)
    }
    expectMessage("a verb was called off its loop", in: result)
  }

  @Test
  func anUnstructuredTaskHasLeftTheLoop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try await onLoop(.epoll) { loop in
        await Task.detached { await loop.bulkTurn(bytes: 1) }.value
      }
    }
    expectMessage("a verb was called off its loop", in: result)
  }

  @Test
  func childrenOfATaskStayOnTheLoop() async throws {
    try await onLoop(.epoll) { loop in
      async let first: Void = loop.preconditionOnLoop()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { loop.preconditionOnLoop() }
      }
      await first
    }
  }

  @Test
  func aClosedDescriptorTrapsOnEpoll() async {
    await #expect(processExitsWith: .failure) { try await receiveFromNowhere(.epoll) }
  }

  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func aClosedDescriptorTrapsOnUring() async {
    await #expect(processExitsWith: .failure) { try await receiveFromNowhere(.uring) }
  }

  /// Only the thread that enabled the ring may wait on it; without the trap the loop would spin.
  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func waitingOnARingFromAnotherThreadTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let loop = EventLoop(index: 0, driver: try makeDriver(.uring), verbsMax: 8)
      Thread(name: "first") { loop.adoptThread() }.join()
      Thread(name: "second") { loop.turn(mayBlock: true) }.join()
    }
    expectMessage("io_uring_enter failed with", in: result)
  }

  @Test(.enabled(if: realDrivers.contains(.uring), "io_uring is refused here"))
  func aLoopWithMoreSlotsThanItsDriverTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let pair = try Sockets.localPair()
      try await onLoop(over: makeDriver(.uring, verbsMax: 1), verbsMax: 2) { loop in
        async let first = loop.receiveOnce(pair.ours, into: Buffer(count: 2))
        let buffer = Buffer(count: 8)
        let (regions, count) = buffer.regions(pieces: 2)
        await loop.settle()
        _ = try await loop.receive(pair.theirs, into: regions, count: count, deadline: loop.now)
        loop.driver.shutdown(pair.ours, .both)
        _ = try await first
      }
    }
    expectMessage("more slots than its driver", in: result)
  }

  @Test
  func releasingUnderAPendingReceiveTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let pair = try Sockets.localPair()
      try await onLoop(.epoll) { loop in
        async let received = loop.receiveOnce(pair.ours, into: Buffer(count: 1))
        await loop.settle()
        loop.driver.release(pair.ours)
        _ = try await received
      }
    }
    expectMessage("released while an operation is pending", in: result)
  }
}

private func receiveFromNowhere(_ kind: DriverKind) async throws {
  let pair = try Sockets.localPair()
  Glibc.close(pair.ours)
  try await onLoop(kind) { loop in _ = try await loop.receiveOnce(pair.ours, into: Buffer(count: 1)) }
}

private func expectMessage(_ message: String, in result: ExitTest.Result?) {
  let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
  #expect(text.contains(message))
}

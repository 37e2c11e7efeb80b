import Base
import Glibc
import Testing

@testable import IO

/// Jobs from other threads reach a sleeping loop and wake it.
@Suite(.patience, .serialized)
struct WakeTests {
  @Test(arguments: realDrivers)
  func everyMessageOfEveryThreadArrivesInOrder(kind: DriverKind) async throws {
    let senders = 4
    let each = 2500
    let box = Mailbox<(sender: Int, number: Int)>()
    let driver = ObservedDriver(try makeDriver(kind))
    let threads = (0..<senders).map { sender in
      Thread(name: "sender \(sender)") {
        var random = SplitMix64(seed: UInt64(sender))
        for number in 0..<each {
          box.send((sender, number))
          // Pauses let the loop fall asleep between messages, some of them just as the next one is sent.
          if random.chance(perMille: 200) { usleep(UInt32(random.pick(0...60))) }
        }
      }
    }
    let (next, lost) = try await onLoop(over: driver) { loop in
      var next = [Int](repeating: 0, count: senders)
      for _ in 0..<senders * each {
        let message = await box.next()!
        #expect(message.number == next[message.sender])
        next[message.sender] += 1
      }
      // Here: until this test goes on, for which all others may come first, the loop sleeps with nobody to wake it.
      return (next, driver.lostWakes)
    }
    for thread in threads { thread.join() }
    #expect(next.allSatisfy { $0 == each })
    #expect(lost == 0)
  }

  /// Each side sleeps until the other wakes it, ten thousand times: the tightest race between sleeping and waking.
  @Test(arguments: realDrivers)
  func twoLoopsWakeEachOther(kind: DriverKind) async throws {
    let rounds = 10_000
    let leftDriver = ObservedDriver(try makeDriver(kind))
    let rightDriver = ObservedDriver(try makeDriver(kind))
    let left = RunningLoop(EventLoop(index: 0, driver: leftDriver, verbsMax: 16))
    let right = RunningLoop(EventLoop(index: 1, driver: rightDriver, verbsMax: 16))
    let toLeft = Mailbox<Int>()
    let toRight = Mailbox<Int>()
    async let echoed = right.value { _ in
      // Nobody wakes it before the other one begins.
      var before: Int?
      while let number = await toRight.next() {
        before = before ?? rightDriver.lostWakes
        toLeft.send(number)
      }
      return rightDriver.lostWakes - (before ?? 0)
    }
    let lost = try await left.value { _ in
      for number in 0..<rounds {
        toRight.send(number)
        #expect(await toLeft.next() == number)
      }
      toRight.close()
      return leftDriver.lostWakes
    }
    let lostByEcho = try await echoed
    left.end()
    right.end()
    #expect(lost == 0 && lostByEcho == 0)
  }

  @Test(arguments: realDrivers)
  func aClosedMailboxGivesWhatItHoldsAndThenNothing(kind: DriverKind) async throws {
    let box = Mailbox<Int>()
    let received = try await onLoop(kind) { loop in
      async let late = box.next()
      await loop.settle()
      box.send(1)
      box.send(2)
      box.close()
      return [await late, await box.next(), await box.next(), await box.next()]
    }
    #expect(received == [1, 2, nil, nil])
  }

  /// Tasks started before the loop runs wait for it; a stop ends an idle loop.
  @Test(arguments: realDrivers)
  func aLoopRunsWhatWasStartedBeforeIt(kind: DriverKind) async throws {
    let loop = EventLoop(index: 0, driver: try makeDriver(kind), verbsMax: 16)
    let box = Mailbox<Bool>()
    loop.startRoot {
      await loop.sleep(nanoseconds: 1)
      box.send(true)
    }
    let thread = Thread(name: "late loop") { loop.run() }
    #expect(await box.next() == true)
    loop.stop()
    thread.join()
  }
}

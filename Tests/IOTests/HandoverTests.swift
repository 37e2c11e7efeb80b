import Glibc
import Testing

@testable import IO

/// Descriptors move between loops and return under old numbers.
@Suite(.patience)
struct HandoverTests {
  /// Accepted and used by one loop, then released to another; numbers repeat without confusion.
  @Test(arguments: realDrivers)
  func aReleasedDescriptorWorksOnAnotherLoop(kind: DriverKind) async throws {
    let front = try RunningLoop(kind)
    let back = try RunningLoop(kind)
    let handedOver = Mailbox<Int32>()
    let listener = try ListeningSocket.open(host: "127.0.0.1", port: 0)
    let rounds = 40

    async let served = back.value { loop in
      let buffer = Buffer(count: 3)
      while let descriptor = await handedOver.next() {
        try await expect(loop.receiveAll(descriptor, into: buffer), 3)
        try await loop.sendAll(descriptor, buffer)
        loop.driver.close(descriptor)
      }
    }
    try await front.value { loop in
      for round in 0..<rounds {
        let client = try Sockets.connect(port: ListeningSocket.port(of: listener))
        let descriptor = try await loop.accept(listener)
        Sockets.write(client, [9])
        try await expect(loop.receiveOnce(descriptor, into: Buffer(count: 1)), 1)
        if round % 2 == 0 {
          // A failed wait on this loop leaves nothing behind either.
          _ = await Result.of { () throws(IOFailure) in
            try await loop.receiveOnce(descriptor, into: Buffer(count: 1), deadline: loop.now)
          }
        }
        loop.driver.release(descriptor)
        handedOver.send(descriptor)
        let number = UInt8(round)
        Sockets.write(client, [number, 1, 2])
        let answer = Buffer(count: 3)
        try await expect(loop.receiveAll(client, into: answer), 3)
        #expect(answer.contents == [number, 1, 2])
        loop.driver.close(client)
      }
      handedOver.close()
      loop.driver.close(listener)
    }
    try await served
    front.end()
    back.end()
  }

  @Test(arguments: realDrivers)
  func aNumberThatComesBackIsANewConnection(kind: DriverKind) async throws {
    try await onLoop(kind) { loop in
      var seen: Set<Int32> = []
      var repeats = 0
      for round in 0..<50 {
        let pair = try Sockets.localPair()
        if !seen.insert(pair.ours).inserted { repeats += 1 }
        async let received = loop.receiveOnce(pair.ours, into: Buffer(count: 4))
        await loop.settle()
        // Some connections move with bytes unread and an edge unseen.
        Sockets.write(pair.theirs, [UInt8](repeating: 1, count: round % 3 + 1))
        try await expect(received, round % 3 + 1)
        Sockets.write(pair.theirs, [5])
        loop.driver.close(pair.ours)
        Glibc.close(pair.theirs)
      }
      #expect(repeats > 0)
    }
  }
}

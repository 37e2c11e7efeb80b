import Base
import Testing

@testable import IO

/// Small work overtakes bulk work, and bulk work moves at most its share a turn.
@Suite(.patience)
struct BulkTests {
  @Test(arguments: realDrivers)
  func whatIsReadyRunsBeforeAnyWaiterGetsItsTurn(kind: DriverKind) async throws {
    let log = try await onLoop(kind) { loop in
      let log = Shared<[String]>([])
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            await loop.bulkTurn(bytes: Limits.sliceBytes)
            log.change { $0.append("bulk") }
          }
        }
        for _ in 0..<8 { group.addTask { log.change { $0.append("small") } } }
      }
      return log.value
    }
    #expect(log == [String](repeating: "small", count: 8) + [String](repeating: "bulk", count: 8))
  }

  /// Slices of every size, including those that do not divide a turn's share.
  @Test(arguments: realDrivers, [1, 64 * 1024, Limits.sliceBytes, 700_000, Limits.bulkBytesPerTurn])
  func aTurnMovesItsShareAndNoMore(kind: DriverKind, bytes: Int) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let sessions = min(40, 6 * Limits.bulkBytesPerTurn / bytes)
    let moved = try await onLoop(over: driver) { loop in
      let moved = Shared<[Int: Int]>([:])
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<sessions {
          group.addTask {
            for _ in 0..<3 {
              await loop.bulkTurn(bytes: bytes)
              let turn = driver.turns
              moved.change { $0[turn, default: 0] += bytes }
            }
          }
        }
      }
      return moved.value
    }
    #expect(moved.values.reduce(0, +) == sessions * 3 * bytes)
    #expect(moved.values.allSatisfy { $0 <= Limits.bulkBytesPerTurn })
    if bytes == Limits.sliceBytes { #expect(moved.values.contains(Limits.bulkBytesPerTurn), "a share is used up") }
  }

  @Test(arguments: realDrivers)
  func workInPiecesHasATurnForEachWhateverWaitsInTheBulkQueue(kind: DriverKind) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let turns = try await onLoop(over: driver) { loop in
      let turns = Shared(0)
      let isOver = Shared(false)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask { while !isOver.value { await loop.bulkTurn(bytes: Limits.bulkBytesPerTurn) } }
        }
        group.addTask {
          let begin = driver.turns
          for _ in 0..<13 { await loop.nextTurn() }
          turns.change { $0 = driver.turns - begin }
          isOver.change { $0 = true }
        }
      }
      return turns.value
    }
    #expect(turns == 13)
  }

  @Test(arguments: realDrivers)
  func manyWorksInPiecesHaveOnePieceATurn(kind: DriverKind) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let pieces = try await onLoop(over: driver) { loop in
      let pieces = Shared<[Int]>([])
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<40 {
          group.addTask {
            for _ in 0..<3 {
              await loop.nextTurn()
              let turn = driver.turns
              pieces.change { $0.append(turn) }
            }
          }
        }
      }
      return pieces.value
    }
    #expect(pieces.count == 120 && Set(pieces).count == 120)
  }

  @Test(arguments: realDrivers)
  func aSmallConversationAdvancesATurnAtATimeBesideBulk(kind: DriverKind) async throws {
    let pair = try Sockets.localPair()
    let grants = try await onLoop(kind) { loop in
      let grants = Shared(0)
      let isOver = Shared(false)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<16 {
          group.addTask {
            while !isOver.value {
              await loop.bulkTurn(bytes: Limits.sliceBytes)
              grants.change { $0 += 1 }
            }
          }
        }
        group.addTask {
          for _ in 0..<50 {
            try await loop.sendAll(pair.theirs, Buffer(pattern: 1))
            _ = try await loop.receiveOnce(pair.ours, into: Buffer(count: 1))
          }
          isOver.change { $0 = true }
        }
        try await group.waitForAll()
      }
      loop.driver.close(pair.ours)
      loop.driver.close(pair.theirs)
      return grants.value
    }
    // Fifty rounds are two turns each, a turn is four slices; twice that is allowed, and sixteen complete theirs.
    #expect(grants <= 2 * 50 * 2 * 4 + 16)
  }

  /// More waiters than the queue's first capacity, in the order of their arrival.
  @Test(arguments: realDrivers)
  func waitersAreServedInOrderWhileTheQueueGrows(kind: DriverKind) async throws {
    let order = try await onLoop(kind) { loop in
      let order = Shared<[Int]>([])
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<2000 {
          group.addTask {
            await loop.bulkTurn(bytes: Limits.promptBulkBytes + 1)
            order.change { $0.append(number) }
            if number < 1000 {
              await loop.bulkTurn(bytes: 1)
              order.change { $0.append(2000 + number) }
            }
          }
        }
      }
      return order.value
    }
    #expect(order == Array(0..<3000))
  }

  @Test(arguments: realDrivers)
  func aLittleMovesAtOnceAsLongAsNobodyWaitsAndTheTurnHasRoom(kind: DriverKind) async throws {
    let driver = ObservedDriver(try makeDriver(kind))
    let pair = try Sockets.localPair()
    let waits = try await onLoop(over: driver) { loop in
      // A receive begins a turn with its whole share left.
      try await loop.sendAll(pair.theirs, Buffer(pattern: 1))
      _ = try await loop.receiveOnce(pair.ours, into: Buffer(count: 1))
      var waits: [Int] = []
      for _ in 0...Limits.bulkBytesPerTurn / Limits.promptBulkBytes {
        let turn = driver.turns
        await loop.bulkTurn(bytes: Limits.promptBulkBytes)
        waits.append(driver.turns - turn)
      }
      loop.driver.close(pair.ours)
      loop.driver.close(pair.theirs)
      return waits
    }
    #expect(waits.dropLast().allSatisfy { $0 == 0 })
    #expect(waits.last == 1)
  }
}

import Base
import Glibc
import IO
import Store
import Wire

/// MULTI, EXEC, DISCARD: a queue. Nothing is undone, and other clients may come in between.
extension RESPSession {
  func multi() {
    guard !isQueueing else { return reply(error: "ERR MULTI calls can not be nested") }
    enter(.queueing(isBroken: false))
    replyOK()
  }

  func discard() {
    guard isQueueing else { return reply(error: "ERR DISCARD without MULTI") }
    endTransaction()
    replyOK()
  }

  /// Forgets what was queued.
  func endTransaction() {
    transaction.clear()
    enter(.ready)
  }

  func queue() {
    var length = RESPReplyEncoder.headBytesMax
    for index in 0..<argumentCount { length += argument(index).count + RESPReplyEncoder.headBytesMax }
    guard transaction.admit(length) else {
      enter(.queueing(isBroken: true))
      return reply(error: "ERR the transaction is too long")
    }
    transaction.beginRequest(arguments: argumentCount)
    for index in 0..<argumentCount {
      if let body = bodies.take(argument: index) {
        transaction.append(body)
      } else {
        transaction.append(argument(index))
      }
    }
    reply { $0.simple("QUEUED", into: &$1) }
  }

  func exec() async throws(SessionEnd) {
    guard case .queueing(let isBroken) = phase else { return reply(error: "ERR EXEC without MULTI") }
    enter(.ready)
    guard !isBroken else {
      transaction.clear()
      return reply(error: "EXECABORT Transaction discarded because of previous errors.")
    }
    let requests = transaction.takeRequests()
    var booking = Booking(store: worker.store)
    guard booking.change(to: requests.count) else { throw SessionEnd(Refusal.budgetSpent) }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(requests.count, 1), alignment: 1)
    memory.copyBytes(from: requests)
    defer { memory.deallocate() }
    reply { $0.array(transaction.count, into: &$1) }
    var replay = RESPRequestDecoder(gatheredBytesMax: decoder.gatheredBytesMax)
    swap(&decoder, &replay)
    try await executeQueued(UnsafeMutableRawBufferPointer(rebasing: memory[..<requests.count]))
    swap(&decoder, &replay)
    requestBase = connection.inbox.base
    transaction.clear()
  }

  private func executeQueued(_ requests: UnsafeMutableRawBufferPointer) async throws(SessionEnd) {
    var position = 0
    var number = 1
    while position < requests.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: requests[position...])
      var bytes = rest.mutableBytes
      let parse = decoder.decode(&bytes)
      try book()
      switch parse {
      case .body:
        // Its bytes were taken when it was queued, unless it was gathered then as now.
        if var body = transaction.bodies.take(request: number, argument: decoder.argumentCount) {
          body.request = 0
          decoder.takeBody()
          bodies.append(body)
        } else {
          decoder.gatherBody()
        }
      case .request(let consumed):
        requestBase = rest.baseAddress!
        try await awaitRoom()
        let finding = door.commands.find(argument(0), second: argumentCount > 1 ? argument(1) : nil)
        guard case .command(let command, let place) = finding else { preconditionFailure("only commands are queued") }
        // Users may have changed since it was queued.
        if let objection = await objection(to: command, at: place) {
          refuse(command, objection)
        } else {
          try await execute(command)
        }
        bodies.removeAll()
        position += consumed
        number += 1
      case .needMore, .nothing, .malformed: preconditionFailure("whole requests are queued")
      }
    }
  }
}

import Base
import IO
import Store
import Wire

/// What is different when engines take this server for one of them. `proto/peer.md` has the contract.
extension LMSession {
  /// Passes over the message in which a client that was given a chunk says whether it has memory for it; false when more
  /// of it must come first. The chunk is under way already, so it changes nothing.
  func skipNotice() -> Bool {
    guard dialect == .peer, LMCodec.isReplyCode(connection.inbound.bytes) else { return true }
    guard connection.inbound.count >= generation.replyBytes else { return false }
    connection.consume(generation.replyBytes)
    worker.metrics.requests.add(.noticeSkipped)
    return true
  }

  /// A client that ends in the middle of such a message has said all it had to.
  var endsInNotice: Bool { dialect == .peer && LMCodec.isReplyCode(connection.inbound.bytes) }

  /// The client was told that the chunk is here: where that is announced, it must be withdrawn.
  func noteMiss(_ request: LMRequest) {
    guard let changes = worker.store.changes, !request.keyRange.isEmpty else { return }
    changes.appendMissed(UnsafeRawBufferPointer(rebasing: connection.inbound[request.keyRange]))
  }

  /// A PUT with the length that its body has. Nil when the client was told to keep it.
  func understood(_ announced: LMRequest) async throws(SessionEnd) -> LMRequest? {
    guard dialect == .peer else { return announced }
    var request = announced
    // Only this generation waits for an answer; with others it would not be known where the body begins.
    guard generation == .nineInts, let meta = request.meta else { throw SessionEnd(Refusal.unknownCommand) }
    // The header tells what the chunk takes in its engine's memory, rounded up; what follows is only the chunk.
    guard let length = meta.plainBytes, length <= request.length, request.length - length < Limits.peerAlignmentBytes
    else {
      worker.metrics.refusals.add(.unknownBodySize)
      connection.consume(generation.requestBytes)
      try await reply(.empty(found: false))
      return nil
    }
    request.length = length
    // It names the place in the engine where the chunk was to go, and every reply would repeat it.
    request.meta?.location = 0
    return request
  }

  /// The client sends the body once it has read this.
  func acceptMove() async throws(SessionEnd) {
    try await reply(.empty(found: true))
    try await flush()
  }
}

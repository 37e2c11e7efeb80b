import Glibc
import IO
import Wire

/// Why a session is over, when it is not simply the peer's end between two requests.
struct SessionEnd: Error {
  let refusal: Refusal

  init(_ refusal: Refusal) { self.refusal = refusal }

  init(receiving failure: IOFailure) { refusal = Self.refusal(for: failure, timedOut: .silentReserve) }

  init(sending failure: IOFailure) { refusal = Self.refusal(for: failure, timedOut: .stalledReader) }

  init(_ error: LMWireError) {
    switch error {
    case .unknownCommand, .unknownCode: refusal = .unknownCommand
    case .negativeLength: refusal = .negativeLength
    case .unexpectedLength: refusal = .unexpectedLength
    }
  }

  init(_ error: RESPProtocolError) {
    switch error {
    case .multibulkCountTooLong, .multibulkLength, .multibulkLengthUnauthenticated: refusal = .multibulkLength
    case .bulkCountTooLong, .bulkLength, .bulkLengthUnauthenticated: refusal = .bulkLength
    case .expectedDollar, .bulkEnd: refusal = .framing
    case .inlineTooLong, .unbalancedQuotes: refusal = .inlineRequest
    case .requestTooLong: refusal = .requestTooLong
    }
  }

  private static func refusal(for failure: IOFailure, timedOut: Refusal) -> Refusal {
    switch failure {
    case .peerGone, .unreachable: .peerGone
    case .timedOut: timedOut
    case .outOfMemory: .outOfMemory
    case .other(errno: EPROTO): .tlsBroken
    case .cancelled, .refused, .outOfDescriptors, .listenerClosed, .outOfSpace, .deviceFailed, .deviceGone, .readOnly,
      .unsupported, .other:
      .transferFailed
    }
  }
}

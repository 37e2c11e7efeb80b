import Base
import Synchronization
import TLS

/// How a handshake ended that a client began.
package enum HandshakeOutcome: Int, CaseIterable, Sendable {
  case full, resumed
  case plainClient, timedOut, peerGone, displaced, lineFull
  case notTLS, noCommonVersion, noCommonCipher, noCertificate, untrusted, expired, refusedByPeer, badRecord
  case messageTooLong, outOfMemory, other

  init(_ failure: TLSFailure) {
    self =
      switch failure {
      case .notTLS: .notTLS
      case .noCommonVersion: .noCommonVersion
      case .noCommonCipher: .noCommonCipher
      case .noCertificate: .noCertificate
      case .untrusted: .untrusted
      case .expired: .expired
      case .refusedByPeer: .refusedByPeer
      case .badRecord: .badRecord
      case .messageTooLong: .messageTooLong
      case .outOfMemory: .outOfMemory
      case .wrongHost, .other: .other
      }
  }

  var isFailure: Bool { self != .full && self != .resumed }

  package var label: StaticString {
    switch self {
    case .full: "full"
    case .resumed: "resumed"
    case .plainClient: "plain_client"
    case .timedOut: "timed_out"
    case .peerGone: "peer_gone"
    case .displaced: "displaced"
    case .lineFull: "line_full"
    case .notTLS: TLSFailure.notTLS.label
    case .noCommonVersion: TLSFailure.noCommonVersion.label
    case .noCommonCipher: TLSFailure.noCommonCipher.label
    case .noCertificate: TLSFailure.noCertificate.label
    case .untrusted: TLSFailure.untrusted.label
    case .expired: TLSFailure.expired.label
    case .refusedByPeer: TLSFailure.refusedByPeer.label
    case .badRecord: TLSFailure.badRecord.label
    case .messageTooLong: TLSFailure.messageTooLong.label
    case .outOfMemory: TLSFailure.outOfMemory.label
    case .other: TLSFailure.other.label
    }
  }
}

/// What one worker has seen of TLS. Written by its loop only, read by any thread.
final class TLSMetrics: Sendable {
  let handshakes = CounterTable<HandshakeOutcome>()
  let begun = Counter()
  /// Of the connections whose handshake had succeeded.
  let closed = Counter()
  /// Ends of established connections that the other side did not announce.
  let cutEnds = Counter()
  let brokenRecords = Counter()
}

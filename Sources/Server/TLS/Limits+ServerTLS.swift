import Base
import TLS

extension Limits {
  /// What arrives on a TLS connection and is not decrypted: most requests, and a client's part of a handshake.
  static let tlsInboundBytes = 4096
  /// What is encrypted and has not left: the replies to a pipeline of look-ups. A server's part of a handshake passes in
  /// pieces.
  static let tlsOutboundBytes = 4096 + tlsRecordOverheadBytes
  /// What a TLS connection costs beside what every connection does: of OpenSSL a buffer of a record each way, its session
  /// and certificates, and the two above. 2,000 idle ones had 31 KiB each of it resident.
  static let tlsConnectionBytes = 44 * 1024 + tlsInboundBytes + tlsOutboundBytes
  /// What OpenSSL holds beside that while a handshake is under way: its message whole in a buffer that grows by a third
  /// more, what was said so far, keys.
  static let tlsHandshakeBytes = 48 * 1024
  /// From this size on it is worth borrowing a wide buffer.
  static let tlsWideFromBytes = 8 * 1024
  /// How soon a confirmation is tried again for which the client leaves no room.
  static let tlsRoomPauseNanoseconds: UInt64 = 4_000_000
  /// For how long at most, where nothing else is sent to the client: it may have gone, which would not be noticed.
  static let tlsRoomPatienceNanoseconds: UInt64 = 10_000_000_000
  /// Less than this is not worth a record of its own where it can go with what follows.
  static let tlsDirectBytes = tlsRecordBytes

  /// From a connection's first byte, or its silence, to the end of its handshake. A client far away needs a second.
  package static let tlsHandshakeNanoseconds: UInt64 = 10_000_000_000
  /// A client that is awaited for this long in all loses its place to one that waits for a place: several times what the
  /// packets of a handshake need around the world.
  static let tlsSlowClientNanoseconds: UInt64 = 2_000_000_000
  /// Handshakes under way on one loop; others wait for their turn. Each step takes a turn of the loop, so that more at once
  /// would only make all of them late.
  static let tlsHandshakesPerLoop = 256
  /// Places that slow clients lose in one turn: the end of a connection takes tens of microseconds. As often as it is
  /// looked at, that is all places in the time after which a client is slow.
  static let tlsPlacesTakenAtOnce = 32
  /// Those that wait for a place on one loop: most of those whom a core serves before their deadline where none is slow.
  static let tlsHandshakesInLine = 4096
  /// How often the files of certificate and key are looked at, for Kubernetes changes them without a word.
  package static let tlsFilesNanoseconds: UInt64 = 5_000_000_000

  static func checkServerTLS() {
    precondition(tlsOutboundBytes > tlsRecordOverheadBytes, "a record can leave")
    precondition(
      UInt64(tlsPlacesTakenAtOnce) * tlsSlowClientNanoseconds
        >= UInt64(tlsHandshakesPerLoop) * housekeepingNanoseconds, "the slow do not gather")
    precondition(wideBytes >= tlsRecordBytes + tlsRecordOverheadBytes, "a wide buffer holds a record")
  }
}

import Base

/// Reads along what a client sends at the beginning of its handshake, for the one length that the library believes before it
/// has the bytes: for a ClientHello that announces 128 KiB in nine bytes it takes as much memory at once.
struct HelloGauge {
  private static let headerBytes = 5
  private static let messageHeaderBytes = 4
  private static let handshakeRecord: UInt8 = 22
  private static let clientHello: UInt8 = 1

  /// Of the header that arrives: a record's, and then its message's.
  private var have = 0
  private var kind: UInt8 = 0
  private var length = 0
  private var isMessage = false
  /// Of what a header announced.
  private var recordLeft = 0
  private var helloLeft = 0

  /// Why the library is not to see these bytes; nil where it may.
  mutating func refuses(_ bytes: UnsafeRawBufferPointer) -> TLSFailure? {
    var position = 0
    while position < bytes.count {
      if !isMessage, recordLeft > 0 {
        let part = min(recordLeft, bytes.count - position)
        position += part
        recordLeft -= part
        helloLeft -= min(part, helloLeft)
        continue
      }
      take(bytes[position])
      position += 1
      if isMessage, have == Self.messageHeaderBytes {
        if let failure = beginMessage() { return failure }
      } else if !isMessage, have == Self.headerBytes {
        if let failure = beginRecord() { return failure }
      }
    }
    return nil
  }

  /// The first byte of either header says what it is of; the last ones how long that is.
  private mutating func take(_ byte: UInt8) {
    if have == 0 { (kind, length) = (byte, 0) }
    // Of a record, two bytes between are its version.
    if have >= (isMessage ? 1 : 3) { length = length << 8 | Int(byte) }
    have += 1
  }

  private mutating func beginRecord() -> TLSFailure? {
    (have, recordLeft) = (0, length)
    guard kind == Self.handshakeRecord else { return nil }
    if helloLeft > 0 {
      // A hello that ends within a record is followed by nothing that a client may say yet.
      return recordLeft > helloLeft ? .badRecord : nil
    }
    // In pieces, a header would have to be put together; no client sends it so.
    guard recordLeft >= Self.messageHeaderBytes else { return .badRecord }
    isMessage = true
    return nil
  }

  private mutating func beginMessage() -> TLSFailure? {
    (have, isMessage) = (0, false)
    recordLeft -= Self.messageHeaderBytes
    // What else comes here the library refuses by its kind.
    guard kind == Self.clientHello else { return nil }
    guard length <= Limits.tlsMessageBytesMax else { return .messageTooLong }
    helloLeft = length
    return recordLeft > helloLeft ? .badRecord : nil
  }
}

import Base
import Glibc
import IO
import Objects
import Store
import Wire

/// Arguments in, replies out: what all commands use.
extension RESPSession {
  // MARK: Arguments

  var argumentCount: Int { decoder.argumentCount }

  /// Valid until the next receive. Of a value that went into pages nothing is here.
  func argument(_ index: Int) -> UnsafeRawBufferPointer {
    let place = decoder.argument(index)
    return UnsafeRawBufferPointer(start: requestBase + place.lowerBound, count: place.count)
  }

  /// A long list of arguments is no reason for others to wait.
  func passArgument(_ index: Int) async {
    if index % Limits.respArgumentsPerTurn == 0 { await loop.bulkTurn(bytes: Limits.sliceBytes) }
  }

  /// False, with the error said, when more options stand from this argument on than any request means.
  func hasFewOptions(from index: Int) -> Bool {
    if argumentCount - index <= Limits.respOptionWordsMax { return true }
    reply(error: "ERR syntax error")
    return false
  }

  func number(_ index: Int) -> Int? { RESPNumber.parse(argument(index).bytes) }

  /// The store holds no other names, so nothing is found under them.
  func isUsable(name: UnsafeRawBufferPointer) -> Bool { name.count > 0 && name.count <= Limits.nameBytesMax }

  // MARK: Replies

  func reply(room: Int = RESPReplyEncoder.headBytesMax, _ body: (RESPReplyEncoder, inout OutputRawSpan) -> Void) {
    let encoder = encoder
    connection.outbox.write(room: room) { body(encoder, &$0) }
  }

  func replyOK() { reply { $0.simple("OK", into: &$1) } }
  func replyNull() { reply { $0.null(into: &$1) } }
  func reply(integer value: Int) { reply { $0.integer(value, into: &$1) } }
  func reply(error text: StaticString) { reply(room: text.utf8CodeUnitCount + 3) { $0.error(text, into: &$1) } }
  func reply(bulk text: StaticString) {
    reply(room: text.utf8CodeUnitCount + RESPReplyEncoder.headBytesMax) { $0.bulk(text, into: &$1) }
  }

  func reply(bulk bytes: UnsafeRawBufferPointer) {
    reply { $0.bulkHead(bytes.count, into: &$1) }
    connection.outbox.append(bytes)
    reply { $0.lineEnd(into: &$1) }
  }

  /// Text made for one reply, for people or tools that ask seldom.
  func reply(bulk text: String) {
    var text = text
    text.withUTF8 { reply(bulk: UnsafeRawBufferPointer($0)) }
  }

  func reply(verbatim text: String) {
    var text = text
    text.withUTF8 { bytes in
      reply { $0.verbatimHead(bytes.count, into: &$1) }
      connection.outbox.append(UnsafeRawBufferPointer(bytes))
      reply { $0.lineEnd(into: &$1) }
    }
  }

  /// A value, or that there is none.
  func reply(value: consuming NamedValue?) {
    switch consume value {
    // A device's value is replied with once it is here.
    case .some(.away): replyNull()
    case .none: replyNull()
    case .some(.bytes(let pin)):
      reply { $0.bulkHead(pin.length, into: &$1) }
      if pin.length <= Limits.respCopiedValueBytesMax {
        connection.outbox.appendCopy(of: pin, regions: connection.buffers.regions)
      } else {
        connection.append(pin)
        countPins()
      }
      reply { $0.lineEnd(into: &$1) }
    case .some(.metadata(let bytes)):
      bytes.withBytes { bytes in bytes.withUnsafeBytes { reply(bulk: $0) } }
    }
  }
}

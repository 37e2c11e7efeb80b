import Base
import Foundation
import Wire

/// An `lm` client.
struct LMPeer {
  struct Value {
    let meta: ObjectMeta?
    let bytes: [UInt8]
  }

  let peer: Peer
  let generation: LMGeneration

  static let meta = ObjectMeta(format: 1, type: 3, shape: (2, 32, 256, 128), location: 0)

  func put(_ key: String, _ bytes: [UInt8], meta: ObjectMeta = meta) throws {
    try peer.send(request(.put, key, length: bytes.count, meta: meta))
    try peer.send(bytes)
  }

  /// A PUT that is visible to other connections when this returns.
  func putAndSee(_ key: String, _ bytes: [UInt8], meta: ObjectMeta = meta) throws {
    try put(key, bytes, meta: meta)
    guard try exists(key) else { throw HarnessFailure("\(key) was not stored") }
  }

  /// Whether a GET answers these bytes.
  func holds(_ key: String, _ bytes: [UInt8]) throws -> Bool {
    guard let value = try get(key) else { return false }
    return Payload.isSame(value.bytes, bytes)
  }

  func exists(_ key: String) throws -> Bool {
    try peer.send(request(.exist, key))
    return try reply().code == .success
  }

  func health() throws -> Bool {
    try peer.send(request(.health, "probe"))
    return try reply().code == .success
  }

  func get(_ key: String) throws -> Value? {
    try peer.send(request(.get, key))
    return try value()
  }

  func list() throws -> [String] {
    try peer.send(request(.list, ""))
    guard let value = try value() else { throw HarnessFailure("LIST was refused") }
    return String(decoding: value.bytes, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
  }

  // MARK: Parts

  func request(_ command: LMCommand, _ key: String, length: Int = 0, meta: ObjectMeta? = nil) -> [UInt8] {
    LMPeer.request(command, key, length: length, meta: meta, generation: generation)
  }

  static func request(
    _ command: LMCommand, _ key: String, length: Int = 0, meta: ObjectMeta? = nil,
    generation: LMGeneration = .nineInts
  ) -> [UInt8] {
    let key = Array(key.utf8)
    return [UInt8](unsafeUninitializedCapacity: generation.requestBytes) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var output = OutputRawSpan(buffer: raw, initializedCount: 0)
      LMCodec.encodeRequest(
        command, length: length, meta: meta, key: key.span.bytes, generation: generation, into: &output)
      count = output.finalize(for: raw)
    }
  }

  /// Clients read a header with one receive and never recover from a short one, so this does too.
  func reply() throws -> LMReplyHeader {
    let bytes = try peer.receiveSome(max: generation.replyBytes)
    guard bytes.count == generation.replyBytes else {
      throw HarnessFailure("a reply header came as \(bytes.count) bytes")
    }
    return try LMCodec.decodeReply(bytes.span.bytes, generation: generation)
  }

  func value() throws -> Value? {
    let header = try reply()
    guard header.code == .success else { return nil }
    return Value(meta: header.meta, bytes: try peer.receive(header.length))
  }
}

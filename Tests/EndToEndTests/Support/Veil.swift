import COpenSSL
import Foundation

@testable import TLS

/// The client's side of TLS for a blocking connection.
final class Veil: @unchecked Sendable {
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  private let context: TLSContext
  private let session: TLSSession
  private unowned(unsafe) var peer: Peer!
  /// How much is sent by one call: a handshake may come in the smallest pieces.
  private let pieceBytes: Int

  init(_ context: TLSContext, host: String? = "localhost", pieceBytes: Int = .max) throws {
    self.context = context
    self.pieceBytes = pieceBytes
    let (inbound, outbound) = (memory[..<32_768], memory[32_768...])
    guard
      let session = TLSSession(
        context, .client(host: host), inbound: UnsafeMutableRawBufferPointer(rebasing: inbound),
        outbound: UnsafeMutableRawBufferPointer(rebasing: outbound))
    else { throw HarnessFailure("no session") }
    self.session = session
  }

  deinit { memory.deallocate() }

  var version: String { session.version }

  func shakeHands(over peer: Peer) throws {
    self.peer = peer
    while true {
      let progress = session.shakeHands()
      try drain()
      switch progress {
      case .done: return
      case .needsRoom: continue
      case .needsBytes: guard try bring() else { throw HarnessFailure("the end in the middle of a handshake") }
      case .failed(let failure): throw HarnessFailure("handshake: \(failure) \(session.complaint)")
      }
    }
  }

  func send(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      let record = rest.prefix(min(session.writableBytes, pieceBytes))
      switch record.withUnsafeBytes({ session.write($0) }) {
      case .bytes(let count): rest = rest.dropFirst(count)
      case .needsBytes, .needsRoom: break
      case .failed(let failure): throw HarnessFailure("write: \(failure) \(session.complaint)")
      }
      try drain()
    }
  }

  func receive(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      switch session.read(into: memory) {
      case .bytes(let count): return count
      case .ended: return 0
      case .needsRoom: try drain()
      case .needsBytes: if try !bring() { return 0 }
      case .failed(let failure): throw HarnessFailure("read: \(failure) \(session.complaint)")
      }
    }
  }

  /// Has new keys from here on, and asks the server for as many.
  func changeKeys() throws {
    guard SSL_key_update(session.session, SSL_KEY_UPDATE_REQUESTED) == 1, session.shakeHands() == .done else {
      throw HarnessFailure("no new keys: \(session.complaint)")
    }
    try drain()
  }

  /// Tells the server that nothing more is said.
  func end() throws {
    session.end()
    try drain()
  }

  private func drain() throws {
    let bytes = Array(session.outbound.bytes)
    session.outbound.consume(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(pieceBytes)
      try peer.sendPlainly(piece)
      rest = rest.dropFirst(piece.count)
    }
  }

  private func bring() throws -> Bool {
    let room = session.inbound.room
    let count = peer.receivePlainly(into: room.baseAddress!, max: room.count)
    guard count >= 0 else { throw HarnessFailure("receive: \(String(cString: strerror(errno)))") }
    session.inbound.arrived(count)
    return count > 0
  }
}

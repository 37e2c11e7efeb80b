import COpenSSL
import Testing

@testable import TLS

/// A client's and a server's session, and the wire between them.
final class Pair {
  let client: End
  let server: End

  init(
    _ certificates: Certificates = .shared, clients: ClientCertificates = .none, host: String? = "localhost",
    client clientContext: TLSContext? = nil, server serverContext: TLSContext? = nil, pipeBytes: Int = 20_000
  ) throws {
    server = try End(serverContext ?? TLSContext.server(certificates.settings(clients)), .server, pipeBytes: pipeBytes)
    client = try End(clientContext ?? certificates.client(), .client(host: host), pipeBytes: pipeBytes)
  }

  /// One side, with the memory of its pipes.
  final class End {
    let session: TLSSession
    private let memory: UnsafeMutableRawBufferPointer
    var heard: [UInt8] = []
    var reading = TLSReading.needsBytes
    var progress = TLSProgress.needsBytes

    init(_ context: TLSContext, _ role: TLSSession.Role, pipeBytes: Int) throws {
      memory = .allocate(byteCount: 2 * pipeBytes, alignment: 16)
      session = try #require(
        TLSSession(
          context, role, inbound: UnsafeMutableRawBufferPointer(rebasing: memory[..<pipeBytes]),
          outbound: UnsafeMutableRawBufferPointer(rebasing: memory[pipeBytes...])))
    }

    deinit { memory.deallocate() }

    var failure: TLSFailure? { if case .failed(let failure) = progress { failure } else { nil } }
    var readFailure: TLSFailure? { if case .failed(let failure) = reading { failure } else { nil } }

    func step() { if !session.isEstablished, failure == nil { progress = session.shakeHands() } }

    /// Says as much as there is room for; how much.
    func say(_ bytes: ArraySlice<UInt8>) -> Int {
      let count = min(session.writableBytes, bytes.count)
      guard count > 0 else { return 0 }
      let writing = bytes.prefix(count).withUnsafeBytes { session.write($0) }
      return if case .bytes(let said) = writing { said } else { 0 }
    }

    /// Reads until nothing more is there.
    func listen(by piece: Int = 16384) {
      // The first failure tells what it was.
      guard readFailure == nil else { return }
      var piece = [UInt8](repeating: 0, count: piece)
      while true {
        reading = piece.withUnsafeMutableBytes { session.read(into: $0) }
        guard case .bytes(let count) = reading else { return }
        heard += piece[..<count]
      }
    }

    /// Takes some of what is to be sent.
    func take(_ count: Int) -> [UInt8] {
      let bytes = Array(session.outbound.bytes.prefix(count))
      session.outbound.consume(bytes.count)
      return bytes
    }

    /// As much of it as there is room for; how much.
    func give(_ bytes: ArraySlice<UInt8>) -> Int {
      // What was taken from the front makes room only when all has been.
      let count = min(bytes.count, session.inbound.room.count)
      guard count > 0 else { return 0 }
      bytes.prefix(count).withUnsafeBytes { session.inbound.room.copyMemory(from: $0) }
      if let failure = session.arrived(count) { progress = .failed(failure) }
      return count
    }
  }

  /// Moves up to so many bytes each way; whether any moved.
  @discardableResult
  func carry(_ count: Int = .max) -> Bool {
    var moved = 0
    for (from, to) in [(client, server), (server, client)] {
      let part = min(count, from.session.outbound.count, to.session.inbound.room.count)
      if part > 0 { moved += to.give(from.take(part)[...]) }
    }
    return moved > 0
  }

  /// Until both are done, or one has failed and the other knows.
  func shakeHands(by count: Int = .max) {
    repeat {
      client.step()
      server.step()
      // Tickets come behind a handshake, and have to be taken.
      if client.session.isEstablished { client.listen() }
    } while carry(count)
    client.step()
    server.step()
  }

  /// A message whole from one side to the other.
  static func send(_ bytes: [UInt8], from: End, to: End, by count: Int = .max) {
    var said = 0
    let before = to.heard.count
    while to.heard.count - before < bytes.count {
      said += from.say(bytes[said...])
      let part = from.take(min(count, to.session.inbound.room.count))
      guard !part.isEmpty else { return }
      _ = to.give(part[...])
      to.listen()
      if to.readFailure != nil { return }
    }
  }
}

extension TLSContext {
  /// Of a client that knows no newer version.
  func limited(to version: Int32) -> TLSContext {
    SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
    return self
  }

  /// Of a client that proves who it is.
  func proving(_ certificates: Certificates) -> TLSContext {
    SSL_CTX_use_certificate_file(pointer, certificates.path("client.crt"), SSL_FILETYPE_PEM)
    SSL_CTX_use_PrivateKey_file(pointer, certificates.path("client.key"), SSL_FILETYPE_PEM)
    return self
  }
}

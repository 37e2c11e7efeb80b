import Base
import Glibc
import IO
import TLS

/// A connection to others by TLS, which this server begins. One task at a time uses it.
package final class SecuredConnection {
  package enum Failure: Error {
    case connection(OutboundConnection.Failure)
    case tls(TLSFailure, complaint: String)
    /// The other side went in the middle of the handshake.
    case closed

    package var reason: String {
      switch self {
      case .connection(let failure): failure.reason
      case .tls(let failure, let complaint): "tls_\(failure.label)\(complaint.isEmpty ? "" : " (\(complaint))")"
      case .closed: "closed"
      }
    }
  }

  private let connection: OutboundConnection
  private let session: TLSSession
  private let buffers: TLSBuffers

  /// - Parameters:
  ///   - host: whose certificate the other side has to show.
  ///   - trust: whom to believe.
  package init(
    over connection: OutboundConnection, to host: String, trusting trust: TLSContext, deadline: UInt64
  ) async throws(Failure) {
    self.connection = connection
    buffers = TLSBuffers()
    guard let session = TLSSession(trust, .client(host: host), inbound: buffers.inbound, outbound: buffers.outbound)
    else { throw .tls(.outOfMemory, complaint: "") }
    self.session = session
    while true {
      let progress = session.shakeHands()
      // An alert too: the other side may log it.
      try await drain(deadline)
      switch progress {
      case .done: return
      case .needsRoom: continue
      case .needsBytes: guard try await bring(deadline) else { throw .closed }
      case .failed(let failure): throw .tls(failure, complaint: session.complaint)
      }
    }
  }

  /// Sends all of it.
  package func send(_ bytes: UnsafeRawBufferPointer, deadline: UInt64) async throws(Failure) {
    var said = 0
    while said < bytes.count {
      let record = UnsafeRawBufferPointer(
        rebasing: bytes[said..<min(bytes.count, said + session.writableBytes)])
      switch session.write(record) {
      case .bytes(let count): said += count
      case .needsRoom, .needsBytes: break
      case .failed(let failure): throw .tls(failure, complaint: session.complaint)
      }
      try await drain(deadline)
    }
  }

  /// Returns the count of bytes that arrived; 0 is the other side's end.
  package func receive(into memory: UnsafeMutableRawBufferPointer, deadline: UInt64) async throws(Failure) -> Int {
    while true {
      switch session.read(into: memory) {
      case .bytes(let count): return count
      case .ended: return 0
      case .needsRoom: try await drain(deadline)
      case .needsBytes: guard try await bring(deadline) else { return 0 }
      case .failed(let failure): throw .tls(failure, complaint: session.complaint)
      }
    }
  }

  private func drain(_ deadline: UInt64) async throws(Failure) {
    guard !session.outbound.isEmpty else { return }
    let bytes = UnsafeRawBufferPointer(session.outbound.bytes)
    do {
      try await connection.send(bytes, deadline: deadline)
    } catch {
      throw .connection(error)
    }
    session.outbound.consume(bytes.count)
  }

  /// Brings more of the other side's bytes; false at its end.
  private func bring(_ deadline: UInt64) async throws(Failure) -> Bool {
    do {
      let count = try await connection.receive(into: session.inbound.room, deadline: deadline)
      session.inbound.arrived(count)
      return count > 0
    } catch {
      throw .connection(error)
    }
  }
}

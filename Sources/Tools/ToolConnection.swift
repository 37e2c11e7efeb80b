import Base
import IO
import Server
import TLS

/// A connection to a server, by TLS or without. One task uses it.
final class ToolConnection {
  let target: HostAndPort
  private let plain: OutboundConnection
  /// Over that one; nil without TLS.
  private let secured: SecuredConnection?

  private init(_ target: HostAndPort, _ plain: OutboundConnection, _ secured: SecuredConnection?) {
    (self.target, self.plain, self.secured) = (target, plain, secured)
  }

  var isSecured: Bool { secured != nil }

  /// - Parameter trust: whom to believe; nil to speak without TLS.
  static func open(
    to target: HostAndPort, trusting trust: TLSContext?, on loop: EventLoop, deadline: UInt64
  ) async throws(ToolFailure) -> ToolConnection {
    let plain: OutboundConnection
    do {
      plain = try await OutboundConnection(to: target, on: loop, deadline: deadline)
    } catch {
      throw ToolFailure(error, target)
    }
    guard let trust else { return ToolConnection(target, plain, nil) }
    do {
      let secured = try await SecuredConnection(over: plain, to: target.host, trusting: trust, deadline: deadline)
      return ToolConnection(target, plain, secured)
    } catch {
      throw ToolFailure(error, target)
    }
  }

  func send(_ bytes: [UInt8], deadline: UInt64) async throws(ToolFailure) {
    guard !bytes.isEmpty else { return }
    // An array may move while the loop does other things.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    defer { copy.deallocate() }
    if let secured {
      do { try await secured.send(UnsafeRawBufferPointer(copy), deadline: deadline) } catch {
        throw ToolFailure(error, target)
      }
    } else {
      do { try await plain.send(UnsafeRawBufferPointer(copy), deadline: deadline) } catch {
        throw ToolFailure(error, target)
      }
    }
  }

  /// Returns the count of bytes that arrived; 0 is the other side's end.
  func receive(into memory: UnsafeMutableRawBufferPointer, deadline: UInt64) async throws(ToolFailure) -> Int {
    if let secured {
      do { return try await secured.receive(into: memory, deadline: deadline) } catch {
        throw ToolFailure(error, target)
      }
    }
    do { return try await plain.receive(into: memory, deadline: deadline) } catch { throw ToolFailure(error, target) }
  }
}

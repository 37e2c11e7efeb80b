import Base
import Glibc

/// A connection that this server begins. It is closed with the object; one task at a time uses it.
package final class OutboundConnection {
  package enum Failure: Error, Equatable {
    case noSuchHost
    /// This process may open no more, or the host has no such family of addresses.
    case noDescriptor
    case io(IOFailure)

    /// A stable name for logs.
    package var reason: String {
      switch self {
      case .noSuchHost: "no_such_host"
      case .noDescriptor: "no_descriptor"
      case .io(let failure): failure.reason
      }
    }
  }

  private let loop: EventLoop
  private let descriptor: Int32
  private let region = UnsafeMutablePointer<iovec>.allocate(capacity: 1)

  /// - Parameter deadline: for all that it takes until bytes can be sent.
  package init(to target: HostAndPort, on loop: EventLoop, deadline: UInt64) async throws(Failure) {
    guard let address = await NameLookup.address(of: target, on: loop, deadline: deadline) else { throw .noSuchHost }
    guard let descriptor = loop.driver.makeSocket(family: address.family) else { throw .noDescriptor }
    self.loop = loop
    self.descriptor = descriptor
    do {
      try await loop.connect(descriptor, to: address.pointer, addressBytes: address.byteCount, deadline: deadline)
    } catch {
      throw .io(error)
    }
  }

  /// No verb waits any more: the task that used the connection has let it go.
  deinit {
    loop.driver.close(descriptor)
    region.deallocate()
  }

  /// Sends all of it. The memory stays where it is until then.
  package func send(_ bytes: UnsafeRawBufferPointer, deadline: UInt64) async throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let rest = UnsafeMutableRawPointer(mutating: bytes.baseAddress! + sent)
      region.initialize(to: iovec(iov_base: rest, iov_len: bytes.count - sent))
      do {
        sent += try await loop.send(descriptor, from: region, count: 1, deadline: deadline)
      } catch {
        throw .io(error)
      }
    }
  }

  /// Returns the count of bytes that arrived; 0 is the other side's end.
  package func receive(into memory: UnsafeMutableRawBufferPointer, deadline: UInt64) async throws(Failure) -> Int {
    region.initialize(to: iovec(iov_base: memory.baseAddress, iov_len: memory.count))
    do {
      return try await loop.receive(descriptor, into: region, count: 1, deadline: deadline)
    } catch {
      throw .io(error)
    }
  }
}

import Base
import Glibc

/// A numeric address and a port as the kernel wants them, in memory that stays where it is while a verb uses it.
package final class SocketAddress: @unchecked Sendable {
  private let storage: UnsafeMutablePointer<sockaddr_storage>
  package let byteCount: socklen_t
  package let family: Int32

  package init(_ address: IPAddress, port: UInt16) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: sockaddr_storage())
    if address.isIPv4 {
      family = AF_INET
      byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
      storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_family = sa_family_t(AF_INET)
        $0.pointee.sin_port = port.bigEndian
        $0.pointee.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
      }
    } else {
      family = AF_INET6
      byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
      storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        $0.pointee.sin6_family = sa_family_t(AF_INET6)
        $0.pointee.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &$0.pointee.sin6_addr) { bytes in
          bytes.storeBytes(of: address.high.bigEndian, as: UInt64.self)
          bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
      }
    }
  }

  /// Of what the resolver found, with the scope of an address that is valid on one link only.
  init(_ found: addrinfo) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: sockaddr_storage())
    (family, byteCount) = (found.ai_family, found.ai_addrlen)
    memcpy(storage, found.ai_addr, Int(found.ai_addrlen))
  }

  deinit { storage.deallocate() }

  package var pointer: UnsafePointer<sockaddr> {
    UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr.self)
  }

  /// The other end's address of a connection; nil where there is none, as in the simulator.
  package static func peer(of descriptor: Int32) -> IPAddress? {
    address { getpeername(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), $1) }
  }

  private static func own(of descriptor: Int32) -> IPAddress? {
    address { getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), $1) }
  }

  /// Whether the other end has an address of this host. One in another network namespace, such as a pod beside us, has its
  /// own, and cannot be told from a machine far away.
  static func isPeerOnThisHost(_ descriptor: Int32) -> Bool {
    guard let peer = peer(of: descriptor) else { return false }
    // A connection to an address of the client's own host comes from that very address, unless the client chose another.
    return peer.isLoopback || own(of: descriptor) == peer || isOwn(peer)
  }

  /// To an address of its own the host goes from that address. The route tells, and nothing is sent.
  static func isOwn(_ address: IPAddress) -> Bool {
    let target = SocketAddress(address, port: 1)
    let descriptor = socket(target.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let place = __CONST_SOCKADDR_ARG(__sockaddr__: target.pointer)
    return connect(descriptor, place, target.byteCount) == 0 && own(of: descriptor) == address
  }

  private static func address(
    _ read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> IPAddress? {
    var storage = sockaddr_storage()
    var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      let result = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { read($0, &byteCount) }
      guard result == 0 else { return nil }
      switch Int32(pointer.pointee.ss_family) {
      case AF_INET:
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          IPAddress(ipv4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
        }
      case AF_INET6:
        return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { IPAddress($0.pointee.sin6_addr) }
      default: return nil
      }
    }
  }
}

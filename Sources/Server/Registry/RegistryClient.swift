import Base
import Glibc
import Registry

/// A client of the registry: the part of Redis that engines use to tell each other who has which chunk.
final class RegistryClient {
  let registry: Registry
  let sharing: Sharing
  /// An owner's address on its way from the registry to a reply.
  let ownerText = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.ownerBytesMax, alignment: 8)
  private let address: IPAddress?
  /// The owner last named here, and whether it may be connected to: a client names itself over and over.
  private var lastOwner: [UInt8] = []
  private var lastIsVouchedFor = false

  init(_ registry: Registry, _ sharing: Sharing, address: IPAddress?) {
    self.registry = registry
    self.sharing = sharing
    self.address = address
    lastOwner.reserveCapacity(Limits.ownerBytesMax)
  }

  deinit { ownerText.deallocate() }

  func isVouchedFor(_ owner: UnsafeRawBufferPointer) -> Bool {
    let isLast = lastOwner.withUnsafeBytes {
      $0.count == owner.count && memcmp($0.baseAddress!, owner.baseAddress!, $0.count) == 0
    }
    if isLast { return lastIsVouchedFor }
    lastOwner.removeAll(keepingCapacity: true)
    lastOwner.append(contentsOf: owner.prefix(Limits.ownerBytesMax + 1))
    let named = HostAndPort(String(decoding: owner, as: UTF8.self))
    lastIsVouchedFor = named.map { sharing.vouches(for: $0, namedBy: address) } ?? false
    return lastIsVouchedFor
  }
}

import Base
import Registry
import TLS
import Wire

/// How this server takes part in the chunk sharing of engines up to 0.3.6. Nothing of it, unless asked for.
package struct Sharing: Sendable {
  /// The registry, and where it is asked.
  package var registry: Registry?
  package var lookupListener: Int32?
  /// Where engines fetch chunks as from one of them, and the address under which they know this place; empty for none.
  package var peerListener: Int32?
  package var advertised: [UInt8] = []
  /// How often owners are looked after; nil for never.
  package var checkNanoseconds: UInt64?
  package var checkAllowed: [AddressBlock] = []

  /// Another's registry, where the chunks held here are announced.
  package var lookupURL: RedisURL?
  /// Whom to believe there; nil where TLS is not spoken.
  package var lookupTrust: TLSIdentity?

  package init() {}

  /// Whether an owner's address may be connected to. Otherwise any client could have this server knock at any door.
  func vouches(for owner: HostAndPort, namedBy client: IPAddress?) -> Bool {
    guard owner.port != 0, let address = IPAddress(owner.host) else { return false }
    return address == client || checkAllowed.contains { $0.contains(address) }
  }
}

import TLS

/// Who this server is to TLS clients, and where they come in.
package struct TLSDoors: Sendable {
  package let identity: TLSIdentity
  package var data: Int32?
  package var lookup: Int32?
  package var peer: Int32?
  package var admin: Int32?

  package init(_ identity: TLSIdentity) { self.identity = identity }

  var listeners: [Int32] { [data, lookup, peer, admin].compactMap { $0 } }
}

import Base

/// What RESP clients may do here.
package struct RESPConfiguration: Sendable {
  package let users: RESPUsers
  /// FLUSHDB and FLUSHALL work, for users who may everything.
  package var allowsFlush: Bool

  /// Every client may everything but flush.
  static let open = RESPConfiguration()

  package init(users: RESPUsers, allowsFlush: Bool = false) {
    self.users = users
    self.allowsFlush = allowsFlush
  }

  /// One user. With an empty password none is asked for.
  package init(password: [UInt8] = [], allowsFlush: Bool = false) {
    self.init(users: RESPUsers(password: password), allowsFlush: allowsFlush)
  }
}

/// What a client finds behind a door that speaks RESP: the store, or the registry.
struct RESPDoor {
  let commands: RESPCommandSet
  /// A longer argument is a body, where one is taken.
  let gatheredBytesMax: Int
  /// What a connection's inbox keeps, once it was needed.
  let keptInboxBytes: Int
  /// Nil behind the door of the store.
  let registry: RegistryClient?

  static var store: RESPDoor {
    RESPDoor(
      commands: .store, gatheredBytesMax: Limits.respGatheredBytesMax, keptInboxBytes: 0, registry: nil)
  }

  static func registry(_ client: RegistryClient) -> RESPDoor {
    RESPDoor(
      commands: .registry, gatheredBytesMax: Limits.registryArgumentBytesMax,
      keptInboxBytes: Limits.registryBufferBytes, registry: client)
  }
}

/// What a client has said of itself.
struct RESPClient {
  let id: Int
  let openedAt: UInt64
  var name: [UInt8] = []
  var libraryName: [UInt8] = []
  var libraryVersion: [UInt8] = []
  var database = 0
  /// It said HELLO or CLIENT. LMCache's native client never does; it compares short replies byte by byte, and whatever
  /// else it is told it takes for part of the next reply.
  var hasIntroducedItself = false
}

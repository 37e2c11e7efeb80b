import Base

/// What RESP clients may do here.
package struct RESPConfiguration: Sendable {
  /// Empty: no client is asked for one.
  package var password: [UInt8]
  /// FLUSHDB and FLUSHALL work.
  package var allowsFlush: Bool

  package init(password: [UInt8] = [], allowsFlush: Bool = false) {
    self.password = password
    self.allowsFlush = allowsFlush
  }

  /// Takes the same time wherever the two differ.
  func accepts(_ given: UnsafeRawBufferPointer) -> Bool {
    var difference = given.count ^ password.count
    var index = 0
    while index < password.count {
      difference |= Int(password[index] ^ (index < given.count ? given[index] : 0))
      index += 1
    }
    return difference == 0
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

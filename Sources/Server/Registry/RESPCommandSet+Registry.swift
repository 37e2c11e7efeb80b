import Base
import IO
import Registry
import Store
import Wire

/// The commands of the registry's door. `proto/lookup.md` has the contract.
extension RESPCommandSet {
  static let registry = RESPCommandSet(
    [entries, RESPCommand.connection, RESPCommand.descriptions], hint: "': this port is a lookup registry")

  private static let entries: [RESPCommand] = [
    RESPCommand("get", 2, keys: .one, counted: .byKey, run: quick { $0.answerLookup(1, $1) }),
    RESPCommand("set", -3, .writes, keys: .one, counted: .byKey, run: quick { $0.register($1) }),
    RESPCommand("del", -2, .writes, keys: .all, counted: .byKey, run: remove),
    RESPCommand("exists", -2, keys: .all, counted: .byKey, run: waiting { await $0.countRegistered($1) }),
    RESPCommand(
      "mget", -2, keys: .all, counted: .byKey,
      run: waiting { session, client async throws(SessionEnd) in try await session.answerLookups(client) }),
    RESPCommand("unlink", -2, .writes, keys: .all, counted: .byKey, run: remove),
    RESPCommand("dbsize", 1, run: quick { $0.reply(integer: $1.registry.snapshot().entries) }),
  ]

  private static let remove = waiting { await $0.removeRegistered($1) }

  private static func quick(
    _ run: @escaping @Sendable (RESPSession, RegistryClient) -> Void
  ) -> RESPCommand.Handler {
    .quick { run($0, $0.registryClient) }
  }

  private static func waiting(
    _ run: @escaping @Sendable (RESPSession, RegistryClient) async throws(SessionEnd) -> Void
  ) -> RESPCommand.Handler {
    .waiting { session async throws(SessionEnd) in try await run(session, session.registryClient) }
  }
}

extension RESPSession {
  fileprivate var registryClient: RegistryClient {
    guard let client = door.registry else { preconditionFailure("these commands are the registry's") }
    return client
  }

  private var registryMetrics: RegistryMetrics { worker.registryMetrics }

  // MARK: Look-ups

  fileprivate func answerLookup(_ index: Int, _ client: RegistryClient) {
    guard let owner = look(up: argument(index), client) else { return replyNull() }
    reply(room: RESPReplyEncoder.headBytesMax + owner.count) { $0.bulk(owner.bytes, into: &$1) }
  }

  fileprivate func answerLookups(_ client: RegistryClient) async throws(SessionEnd) {
    reply { $0.array(argumentCount - 1, into: &$1) }
    var index = 1
    while index < argumentCount {
      try await awaitRoom()
      answerLookup(index, client)
      await passArgument(index)
      index += 1
    }
  }

  fileprivate func countRegistered(_ client: RegistryClient) async {
    var count = 0
    var index = 1
    while index < argumentCount {
      if look(up: argument(index), client) != nil { count += 1 }
      await passArgument(index)
      index += 1
    }
    reply(integer: count)
  }

  /// Who has it: an engine that is there, else this server if it does.
  private func look(up key: UnsafeRawBufferPointer, _ client: RegistryClient) -> UnsafeRawBufferPointer? {
    let finding = client.registry.find(key: key.bytes, into: client.ownerText)
    if case .found(let bytes) = finding {
      registryMetrics.lookups.add(.owner)
      return UnsafeRawBufferPointer(rebasing: client.ownerText[..<bytes])
    }
    let advertised = client.sharing.advertised
    if !advertised.isEmpty, isHere(key) {
      registryMetrics.lookups.add(.peer)
      advertised.withUnsafeBytes { client.ownerText.copyMemory(from: $0) }
      return UnsafeRawBufferPointer(rebasing: client.ownerText[..<advertised.count])
    }
    registryMetrics.lookups.add(finding == .hidden ? .hidden : .absent)
    return nil
  }

  /// Whether the peer can serve it, and will until its lease ends.
  private func isHere(_ key: UnsafeRawBufferPointer) -> Bool {
    guard (1...Limits.keyBytesMax).contains(key.count) else { return false }
    return lane.exists(key: key.bytes, kind: .withMeta, now: loop.now, burst: &burst)
  }

  // MARK: Entries

  /// SET. An entry has no time to live: its owner is looked after instead.
  fileprivate func register(_ client: RegistryClient) {
    guard argumentCount == 3 else { return reply(error: "ERR syntax error") }
    let owner = argument(2)
    let entering = client.registry.set(
      key: argument(1).bytes, owner: owner.bytes, isVouchedFor: client.isVouchedFor(owner))
    registryMetrics.registrations.add(RegistrationOutcome(entering))
    switch entering {
    case .entered: replyOK()
    case .keyTooLong: reply(error: "ERR the key is longer than this registry takes")
    case .ownerTooLong: reply(error: "ERR the value is longer than host:port can be")
    case .tooManyOwners: reply(error: "ERR too many different owners in this registry")
    case .noRoom: reply(error: "OOM the registry has no room")
    }
  }

  fileprivate func removeRegistered(_ client: RegistryClient) async {
    var removed = 0
    var index = 1
    while index < argumentCount {
      if client.registry.remove(key: argument(index).bytes) { removed += 1 }
      await passArgument(index)
      index += 1
    }
    registryMetrics.registrations.add(.removed, removed)
    registryMetrics.registrations.add(.absent, argumentCount - 1 - removed)
    reply(integer: removed)
  }
}

extension RegistrationOutcome {
  fileprivate init(_ entering: Registry.Entering) {
    switch entering {
    case .entered: self = .entered
    case .keyTooLong: self = .keyTooLong
    case .ownerTooLong: self = .ownerTooLong
    case .tooManyOwners: self = .tooManyOwners
    case .noRoom: self = .noRoom
    }
  }
}

import IO
import Objects
import Store

/// The commands of the store's door. `proto/resp.md` has the contract.
extension RESPCommandSet {
  static let store = RESPCommandSet([
    values, RESPCommand.connection, names, transactions, settings, RESPCommand.descriptions, cluster, access,
  ])

  private static let values: [RESPCommand] = [
    RESPCommand("get", 2, keys: .one, counted: .get, run: .quick { $0.get() }),
    .set,
    RESPCommand(
      "exists", -2, .looksOnly, keys: .all, counted: .exist,
      run: .waiting { session async throws(SessionEnd) in
        try await session.countNames(.respExistsHit, .respExistsMiss, session.exists)
      }),
    RESPCommand("del", -2, .writes, keys: .all, counted: .byKey, run: remove),
    RESPCommand(
      "mget", -2, keys: .all, counted: .byKey,
      run: .waiting { session async throws(SessionEnd) in try await session.mget() }),
    .mset,
    RESPCommand(
      "setex", 4, .writes, keys: .one, values: .one(3),
      run: .waiting { session async throws(SessionEnd) in try await session.setex() }),
    RESPCommand("unlink", -2, .writes, keys: .all, counted: .byKey, run: remove),
    RESPCommand("strlen", 2, .looksOnly, keys: .one, run: .quick { $0.strlen() }),
    RESPCommand(
      "touch", -2, .looksOnly, keys: .all,
      run: .waiting { session async throws(SessionEnd) in
        try await session.countNames(.respOther, .respOther, session.touch)
      }),
  ]

  private static let remove = RESPCommand.Handler.waiting { session async throws(SessionEnd) in
    try await session.countNames(.respDelRemoved, .respDelAbsent, session.remove)
  }

  private static let names: [RESPCommand] = [
    RESPCommand("type", 2, .looksOnly, keys: .one, run: .quick { $0.type() }),
    RESPCommand("ttl", 2, keys: .one, run: .quick { $0.timeToLive(inSeconds: true) }),
    RESPCommand("pttl", 2, keys: .one, run: .quick { $0.timeToLive(inSeconds: false) }),
    RESPCommand("expire", -3, .writes, keys: .one, run: .quick { $0.expire() }),
    RESPCommand("persist", 2, .writes, keys: .one, run: .quick { $0.persist() }),
    RESPCommand(
      "scan", -2, .takesLongWords, run: .waiting { session async throws(SessionEnd) in try await session.scan() }),
    RESPCommand(
      "keys", 2, .takesLongWords, run: .waiting { session async throws(SessionEnd) in try await session.keys() }),
    RESPCommand("flushdb", -1, .writes, run: flush),
    RESPCommand("flushall", -1, .writes, run: flush),
  ]

  private static let flush = RESPCommand.Handler.waiting { session async throws(SessionEnd) in
    try await session.flush()
  }

  private static let transactions: [RESPCommand] = [
    RESPCommand("multi", 1, .isTransactional, run: .quick { $0.multi() }),
    .exec,
    RESPCommand("discard", 1, .isTransactional, run: .quick { $0.discard() }),
  ]

  private static let settings: [RESPCommand] = [
    RESPCommand(
      "dbsize", 1, run: .waiting { session async throws(SessionEnd) in try await session.databaseSize() }),
    .group("config"),
    RESPCommand("config|get", -3, .takesLongWords, run: .waiting { await $0.configGet() }),
  ]

  private static let cluster: [RESPCommand] = [
    .group("cluster"),
    RESPCommand("cluster|slots", 2, run: .quick { $0.clusterSlots() }),
    RESPCommand("cluster|info", 2, run: .quick { $0.clusterInfo() }),
    RESPCommand("cluster|myid", 2, run: .quick { $0.clusterMyID() }),
  ]

  private static let access: [RESPCommand] = [
    .group("acl"),
    RESPCommand(
      "acl|whoami", 2, run: .quick { session in session.identity.user.name.withUnsafeBytes { session.reply(bulk: $0) } }
    ),
    RESPCommand("acl|cat", -2, run: .quick { $0.accessCategories() }),
    RESPCommand("acl|users", 2, run: .quick { $0.accessUsers() }),
    RESPCommand("acl|list", 2, run: .quick { $0.accessList() }),
    RESPCommand("acl|getuser", 3, run: .quick { $0.accessUser() }),
  ]
}

extension RESPCommand {
  static let set = RESPCommand(
    "set", -3, .writes, keys: .one, values: .one(2), counted: .put,
    run: .waiting { session async throws(SessionEnd) in try await session.set() })
  static let mset = RESPCommand(
    "mset", -3, .writes, keys: .everySecond, values: .everySecond, counted: .byKey,
    run: .waiting { session async throws(SessionEnd) in try await session.mset() })
  static let exec = RESPCommand(
    "exec", 1, .isTransactional, run: .waiting { session async throws(SessionEnd) in try await session.exec() })
  static let ping = RESPCommand("ping", -1, .takesLongWords, run: .quick { $0.ping() })

  /// What every door answers.
  static let connection: [RESPCommand] = [
    ping,
    RESPCommand("echo", 2, .takesLongWords, run: .quick { $0.reply(bulk: $0.argument(1)) }),
    RESPCommand("hello", -1, .needsNoPassword, run: .quick { $0.hello() }),
    RESPCommand("auth", -2, .needsNoPassword, run: .quick { $0.auth() }),
    RESPCommand("select", 2, run: .quick { $0.select() }),
    RESPCommand("quit", -1, [.needsNoPassword, .isTransactional], run: .quick { $0.quit() }),
    RESPCommand("reset", 1, [.needsNoPassword, .isTransactional], run: .quick { $0.reset() }),
  ]

  /// What every door tells of itself and of the client.
  static let descriptions: [RESPCommand] = [
    RESPCommand("time", 1, run: .quick { $0.time() }),
    RESPCommand("info", -1, run: .waiting { await $0.info() }),
    .group("client"),
    RESPCommand("client|id", 2, run: .quick { $0.reply(integer: $0.client.id) }),
    RESPCommand("client|info", 2, run: .quick { $0.clientLines() }),
    RESPCommand("client|list", -2, run: .quick { $0.clientLines() }),
    RESPCommand("client|getname", 2, run: .quick { $0.clientGetName() }),
    RESPCommand("client|setname", 3, .takesLongWords, run: .quick { $0.clientSetName() }),
    RESPCommand("client|setinfo", 4, .takesLongWords, run: .quick { $0.clientSetInfo() }),
    RESPCommand("client|no-evict", 3, run: .quick { $0.clientSwitch() }),
    RESPCommand("client|no-touch", 3, run: .quick { $0.clientSwitch() }),
    RESPCommand("command", -1, .isGroup, run: .quick { $0.commands() }),
    RESPCommand("command|count", 2, run: .quick { $0.reply(integer: $0.door.commands.topLevel.count) }),
    RESPCommand("command|docs", -2, run: .quick { $0.commandDocs() }),
    RESPCommand(
      "command|info", -2, run: .waiting { session async throws(SessionEnd) in try await session.commandInfo() }),
  ]
}

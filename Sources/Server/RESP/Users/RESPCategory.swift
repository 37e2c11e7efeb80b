/// The groups in which Redis's ACL puts commands.
struct RESPCategory: OptionSet, Sendable {
  let rawValue: UInt32

  static let keyspace = RESPCategory(rawValue: 1)
  static let read = RESPCategory(rawValue: 1 << 1)
  static let write = RESPCategory(rawValue: 1 << 2)
  static let string = RESPCategory(rawValue: 1 << 3)
  static let admin = RESPCategory(rawValue: 1 << 4)
  static let fast = RESPCategory(rawValue: 1 << 5)
  static let slow = RESPCategory(rawValue: 1 << 6)
  static let dangerous = RESPCategory(rawValue: 1 << 7)
  static let connection = RESPCategory(rawValue: 1 << 8)
  static let transaction = RESPCategory(rawValue: 1 << 9)

  private static let names = [
    "keyspace", "read", "write", "string", "admin", "fast", "slow", "dangerous", "connection", "transaction",
    // No command of these is here, but files made for Redis name them.
    "set", "sortedset", "list", "hash", "bitmap", "hyperloglog", "geo", "stream", "pubsub", "blocking", "scripting",
  ]

  /// Each by itself.
  static let all = names.indices.map { RESPCategory(rawValue: 1 << UInt32($0)) }

  /// Of one by itself.
  var name: String { Self.names[rawValue.trailingZeroBitCount] }

  // MARK: Of commands

  /// As Redis 7 has it. A command that is missing here belongs to nothing but `@all`.
  private static let commands: [(RESPCategory, String)] = [
    ([.read, .string, .fast], "get mget strlen"), ([.write, .string, .slow], "set setex mset"),
    ([.keyspace, .read, .fast], "exists touch type ttl pttl dbsize"), ([.keyspace, .write, .slow], "del"),
    ([.keyspace, .write, .fast], "unlink expire persist"), ([.keyspace, .read, .slow], "scan"),
    ([.keyspace, .read, .slow, .dangerous], "keys"), ([.keyspace, .write, .slow, .dangerous], "flushdb flushall"),
    ([.transaction, .fast], "multi discard"), ([.transaction, .slow], "exec"),
    ([.admin, .slow, .dangerous], "config|get acl|list acl|users acl|getuser"),
    ([.slow], "cluster|slots cluster|info cluster|myid acl|whoami acl|cat"),
    ([.connection, .fast], "ping echo hello auth select quit reset"), ([.fast], "time"),
    ([.slow, .dangerous], "info"),
    (
      [.connection, .slow],
      "client|id client|info client|getname client|setname client|setinfo client|no-touch command command|count"
        + " command|docs command|info"
    ),
    ([.admin, .connection, .slow, .dangerous], "client|list client|no-evict"),
  ]

  private static let byCommand: [String: RESPCategory] = {
    var found: [String: RESPCategory] = [:]
    for (categories, names) in commands {
      for name in names.split(separator: " ") { found[String(name)] = categories }
    }
    return found
  }()

  static func of(_ command: StaticString) -> RESPCategory { byCommand["\(command)"] ?? [] }
}

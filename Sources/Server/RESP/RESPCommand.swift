/// The commands. What comes most often stands first, because names are looked for in this order.
enum RESPCommand: Int, CaseIterable, Sendable {
  case get, set, exists, del, mget, mset, setex, unlink, strlen, touch
  case ping, echo, hello, auth, select, quit, reset
  case type, ttl, pttl, expire, persist
  case multi, exec, discard
  case scan, keys, dbsize, flushdb, flushall, time, info
  case client, clientID, clientInfo, clientList, clientGetName, clientSetName, clientSetInfo, clientNoEvict
  case clientNoTouch
  case config, configGet
  case command, commandCount, commandDocs, commandInfo
  case cluster, clusterSlots, clusterInfo, clusterMyID

  /// A group's name and a member's are told apart by `|`.
  var name: StaticString {
    switch self {
    case .get: "get"
    case .set: "set"
    case .exists: "exists"
    case .del: "del"
    case .mget: "mget"
    case .mset: "mset"
    case .setex: "setex"
    case .unlink: "unlink"
    case .strlen: "strlen"
    case .touch: "touch"
    case .ping: "ping"
    case .echo: "echo"
    case .hello: "hello"
    case .auth: "auth"
    case .select: "select"
    case .quit: "quit"
    case .reset: "reset"
    case .type: "type"
    case .ttl: "ttl"
    case .pttl: "pttl"
    case .expire: "expire"
    case .persist: "persist"
    case .multi: "multi"
    case .exec: "exec"
    case .discard: "discard"
    case .scan: "scan"
    case .keys: "keys"
    case .dbsize: "dbsize"
    case .flushdb: "flushdb"
    case .flushall: "flushall"
    case .time: "time"
    case .info: "info"
    case .client: "client"
    case .clientID: "client|id"
    case .clientInfo: "client|info"
    case .clientList: "client|list"
    case .clientGetName: "client|getname"
    case .clientSetName: "client|setname"
    case .clientSetInfo: "client|setinfo"
    case .clientNoEvict: "client|no-evict"
    case .clientNoTouch: "client|no-touch"
    case .config: "config"
    case .configGet: "config|get"
    case .command: "command"
    case .commandCount: "command|count"
    case .commandDocs: "command|docs"
    case .commandInfo: "command|info"
    case .cluster: "cluster"
    case .clusterSlots: "cluster|slots"
    case .clusterInfo: "cluster|info"
    case .clusterMyID: "cluster|myid"
    }
  }

  /// How many words it takes, its own among them; a negative number is the least.
  var arity: Int {
    switch self {
    case .multi, .exec, .discard, .dbsize, .time, .reset: 1
    case .get, .strlen, .echo, .select, .type, .ttl, .pttl, .persist, .keys: 2
    case .clientID, .clientInfo, .clientGetName, .commandCount, .clusterSlots, .clusterInfo, .clusterMyID: 2
    case .clientSetName, .clientNoEvict, .clientNoTouch: 3
    case .setex, .clientSetInfo: 4
    case .ping, .hello, .quit, .flushdb, .flushall, .info, .command: -1
    case .exists, .del, .unlink, .touch, .mget, .auth, .scan: -2
    case .client, .config, .cluster, .clientList, .commandDocs, .commandInfo: -2
    case .set, .mset, .expire, .configGet: -3
    }
  }

  /// Whether it may come before the password.
  var needsNoPassword: Bool { self == .auth || self == .hello || self == .quit || self == .reset }

  /// Whether its first word alone is not enough.
  var isGroup: Bool { self == .client || self == .config || self == .command || self == .cluster }

  /// Whether it works at once inside a transaction, instead of being queued.
  var isTransactional: Bool {
    self == .multi || self == .exec || self == .discard || self == .quit || self == .reset
  }

  /// Whether the argument with this number is a value, which goes straight into pages.
  func isValue(_ argument: Int) -> Bool {
    switch self {
    case .set: argument == 2
    case .setex: argument == 3
    case .mset: argument >= 2 && argument % 2 == 0
    default: false
    }
  }

  /// Whether a long argument is more to it than a name too long to be held.
  var takesLongWords: Bool {
    switch self {
    case .echo, .ping, .keys, .scan, .configGet, .clientSetName, .clientSetInfo: true
    default: false
    }
  }

  func accepts(_ count: Int) -> Bool { arity >= 0 ? count == arity : count >= -arity }
}

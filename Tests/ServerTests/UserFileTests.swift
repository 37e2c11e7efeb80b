import Testing

@testable import Server

/// What a file of users says.
@Suite
struct UserFileTests {
  static func user(_ rules: String) throws -> RESPUser {
    try #require(try RESPUserFile.parse("user alice on nopass \(rules)").first)
  }

  private static func mayRun(_ user: RESPUser, _ name: String) -> Bool {
    user.mayRun(RESPCommandSet.store.commands.firstIndex { "\($0.name)" == name }!)
  }

  static func reaches(_ user: RESPUser, _ name: String, _ access: KeyAccess) -> Bool {
    var steps = 100_000
    return Array(name.utf8).withUnsafeBytes { user.reaches($0, access, steps: &steps) }
  }

  @Test func theFilesUsersAreCounted() throws {
    #expect(try RESPUsers(file: "user alice on >secret\n").countInFile == 1)
    #expect(try RESPUsers(file: "user alice on >secret\n", password: Array("other".utf8)).countInFile == 1)
    #expect(try RESPUsers(file: "user alice on >secret\nuser default on nopass\n").countInFile == 2)
    #expect(try RESPUsers(file: "# nobody\n").countInFile == 0)
  }

  @Test func aNewUserMayNothing() throws {
    let user = try #require(try RESPUserFile.parse("user alice").first)
    #expect(!user.rules.isOn && !user.isUnlimited && !user.reachesAll([]))
    #expect(RESPCommandSet.store.commands.indices.allSatisfy { !user.mayRun($0) })
    #expect(!Self.reaches(user, "k", []))
  }

  static let commands: [(rules: String, may: String, mayNot: String)] = [
    ("+@read", "get exists mget scan strlen dbsize", "set del ping auth flushall"),
    ("+@write", "set del mset expire flushall", "get exists keys"), ("+@all -@write", "get ping", "set unlink"),
    ("-@all +get", "get", "set"),
    ("+@all -@dangerous", "get set client|id", "flushall keys info client|list config|get"),
    ("+client|id", "client|id", "client|list"), ("+client -client|list", "client|id client|info", "client|list get"),
    ("+@all -@all +@connection +@transaction", "ping multi exec", "get"), ("+GET +@WRITE", "get set", "exists"),
    ("allcommands nocommands +command", "command command|docs", "get"), ("+@hash +@pubsub", "", "get set"),
    ("+@read reset", "", "get"),
  ]

  @Test(arguments: commands)
  func rulesOfCommandsFollowEachOther(rules: String, may: String, mayNot: String) throws {
    let user = try Self.user(rules)
    for name in may.split(separator: " ") { #expect(Self.mayRun(user, String(name)), "\(rules): \(name)") }
    for name in mayNot.split(separator: " ") { #expect(!Self.mayRun(user, String(name)), "\(rules): \(name)") }
  }

  static let keys: [(rules: String, name: String, access: KeyAccess, may: Bool)] = [
    ("~a*", "a1", .full, true), ("~a*", "b1", .read, false), ("~a", "a", .write, true), ("~a", "ab", [], false),
    ("%R~a*", "a1", .read, true), ("%R~a*", "a1", .write, false), ("%W~a*", "a1", .read, false),
    ("%W~a*", "a1", [], true), ("%RW~a*", "a1", .full, true), ("%R~a* %W~a*", "a1", .full, false),
    ("allkeys", "x", .full, true), ("~* resetkeys", "x", [], false), ("%R~*", "x", .read, true),
    ("%R~*", "x", .write, false), ("~a?c ~[xy]*", "abc", .full, true), ("~a?c ~[xy]*", "y1", .full, true),
    // Both names of an object, however they are spelled, are its key's.
    ("~m/a@*", "m/a@1@0@ffkv_bytes", .full, true), ("~m/a@*", "m/a@1@0@ff:metadata", .full, true),
    ("~m/a@*", "{m/a@1@0@ff}:kv_bytes", .full, true), ("~m/a@*", "{m/b@1@0@ff}:kv_bytes", [], false),
    ("~{*", "{m/b@1@0@ff}:kv_bytes", [], false), ("~m/a@*@0@ff", "m/a@1@0@ffmetadata", .read, true),
    ("~m/a@*", "m/ab@1@0@ff", [], false), ("~*%tenant", "{x%tenant}:metadata", .write, true),
  ]

  @Test(arguments: keys)
  func patternsAreOfKeys(rules: String, name: String, access: KeyAccess, may: Bool) throws {
    #expect(Self.reaches(try Self.user(rules), name, access) == may)
  }

  static let faults: [(text: String, line: Int, words: String)] = [
    ("# users\n\nuser a on nopass ~* +@all\nusr b", 4, "begins with 'user'"), ("user", 1, "no name"),
    ("user a on nopass\nuser a off", 2, "has a line already"), ("user a on ~* +@all", 1, "nothing lets it in"),
    ("user a +lpush", 1, "no command 'lpush'"), ("user a +@reed", 1, "no category '@reed'"),
    ("user a ~* ~b", 1, "adds nothing to all keys"), ("user a ~m*kv_bytes", 1, "one half of an object"),
    ("user a %X~b", 1, "R, W or RW"), ("user a %~b", 1, "R, W or RW"), ("user a ~", 1, "has 1 to 512 bytes"),
    ("user a #abc", 1, "64 digits"), ("user a (~x +get)", 1, "selectors"), ("user a <gone", 1, "does not have"),
    ("user a \"subject:CN=x", 1, "a quote is left open"), ("user a + ", 1, "no command ''"),
    ("user \"a b\" on nopass", 1, "no blanks"),
    ("user a on subject:CN=x subject:CN=x\nuser b on subject:CN=x", 2, "'CN=x' is another user's"),
    ("user a ~\(String(repeating: "x", count: 513))", 1, "512 bytes"),
    ("user a \((0...64).map { "~k\($0)" }.joined(separator: " "))", 1, "up to 64 patterns"),
    ("user a \((0...16).map { ">p\($0)" }.joined(separator: " "))", 1, "more than 16 passwords"),
  ]

  @Test(arguments: faults)
  func aFaultSaysWhereAndWhat(text: String, line: Int, words: String) {
    let fault = #expect(throws: RESPUserFault.self) { try RESPUserFile.parse(text) }
    #expect(fault?.line == line)
    #expect(fault?.message.contains(words) == true, "\(fault?.message ?? "")")
  }

  /// Whatever stands in the wrong place may be a password.
  @Test func aFaultTellsNoPassword() {
    for text in ["user a swordfish", "user a on >swordfish <swordfish2", "user a #swordfish", "user a on swordfish~"] {
      let fault = #expect(throws: RESPUserFault.self) { try RESPUserFile.parse(text) }
      #expect(fault?.description.contains("swordfish") == false)
    }
  }

  @Test func everyCommandIsInACategory() {
    for command in RESPCommandSet.store.commands where !command.traits.contains(.isGroup) {
      #expect(command.categories != [], "\(command.name)")
      #expect(command.categories.contains(.fast) != command.categories.contains(.slow), "\(command.name)")
      let touches = command.keys.first > 0
      if touches, command.traits.contains(.writes) { #expect(command.categories.contains(.write), "\(command.name)") }
      if touches, !command.traits.contains(.writes) { #expect(command.categories.contains(.read), "\(command.name)") }
    }
  }

  // MARK: Who it is

  private static func identity(_ users: RESPUsers, _ name: String?, _ password: String) -> RESPIdentity? {
    Array(password.utf8).withUnsafeBytes { password in
      guard let name else { return users.identity(named: nil, password: password) }
      return Array(name.utf8).withUnsafeBytes { users.identity(named: $0, password: password) }
    }
  }

  /// The SHA-256 of "secret", from outside.
  static let digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

  @Test func passwordsAndDigests() throws {
    let users = try RESPUsers(
      file: "user a on >old #\(Self.digest) ~* +@all\nuser b off nopass\nuser c on nopass\nuser d on >x <x >y")
    #expect(Self.identity(users, "a", "secret") != nil)
    #expect(Self.identity(users, "a", "old") != nil)
    for wrong in ["", "Secret", "secret ", Self.digest] { #expect(Self.identity(users, "a", wrong) == nil) }
    #expect(Self.identity(users, "b", "") == nil, "it is off")
    #expect(Self.identity(users, "c", "anything") != nil)
    #expect(Self.identity(users, "d", "x") == nil)
    #expect(Self.identity(users, "d", "y") != nil)
    #expect(Self.identity(users, "nobody", "") == nil)
  }

  @Test func theDefaultUser() throws {
    #expect(RESPUsers().standard.isEnough)
    #expect(!RESPUsers(password: Array("p".utf8)).standard.isEnough)
    let closed = try RESPUsers(file: "user a on nopass ~* +@all")
    #expect(!closed.standard.isEnough)
    #expect(Self.identity(closed, nil, "") == nil, "a file without it lets nobody in by it")
    let guarded = try RESPUsers(file: "user a on nopass ~* +@all", password: Array("p".utf8))
    #expect(Self.identity(guarded, nil, "p")?.user.isUnlimited == true)
    let open = try RESPUsers(file: "user default on nopass %R~* +@read")
    #expect(open.standard.isEnough && !open.standard.user.isUnlimited)
    #expect(throws: RESPUserFault.self) {
      try RESPUsers(file: "user default on nopass", password: Array("p".utf8))
    }
  }

  @Test func whatProvedAUserIsAskedForAgain() throws {
    let users = try RESPUsers(file: "user a on >p >q ~a* +@all\n\"user\" s on \"subject:CN=engine a,O=x\" ~* +@all")
    let proven = try #require(Self.identity(users, "a", "p"))
    let certified = try #require(users.user(forSubject: Array("CN=engine a,O=x".utf8)))
    #expect(users.user(forSubject: Array("CN=engine a".utf8)) == nil)
    let after = try RESPUsers(file: "user a on >p ~b* +@all\nuser s on subject:other")
    #expect(after.renewed(proven)?.user.rules.keyText == "~b*")
    #expect(after.renewed(certified) == nil)
    for gone in ["", "user a on >q ~a* +@all", "user a off >p ~a* +@all"] {
      #expect(try RESPUsers(file: gone).renewed(proven) == nil, "\(gone)")
    }
  }

  /// Another password beside the file cuts nobody off, as in Redis; what a file says of the default user does.
  @Test func aPasswordBesideTheFileIsRotated() throws {
    let old = RESPUsers(password: Array("old".utf8))
    let proven = try #require(Self.identity(old, nil, "old"))
    let new = RESPUsers(password: Array("new".utf8))
    #expect(new.renewed(proven)?.user.isUnlimited == true)
    #expect(new.renewed(RESPUsers().standard)?.user.isUnlimited == true, "nor who came when nobody was asked")
    #expect(Self.identity(new, nil, "old") == nil && Self.identity(new, nil, "new") != nil)
    #expect(!new.hasPassword(of: old) && new.hasPassword(of: RESPUsers(password: Array("new".utf8))))
    #expect(try RESPUsers(file: "user a on nopass", password: Array("new".utf8)).renewed(proven) != nil)
    #expect(try RESPUsers(file: "user a on nopass").renewed(proven) == nil, "nobody is the default user any more")
    #expect(try RESPUsers(file: "user default on >new ~* +@all").renewed(proven) == nil)
    #expect(try RESPUsers(file: "user default on >old ~a* +@all").renewed(proven)?.user.rules.keyText == "~a*")
    let named = try #require(Self.identity(try RESPUsers(file: "user default on >x ~* +@all"), nil, "x"))
    #expect(RESPUsers(password: Array("y".utf8)).renewed(named) == nil)
  }

  /// A pattern of many stars against a key that was made for it: nobody's, after bounded work.
  @Test func aHostileKeyIsBounded() throws {
    let user = try Self.user("~*\(String(repeating: "a", count: 500))b")
    let key = [UInt8](repeating: UInt8(ascii: "a"), count: 65_000)
    var steps = 64 * 1024
    #expect(!key.withUnsafeBytes { user.reaches($0, .read, steps: &steps) })
    #expect(steps == 0)
  }

  @Test func noLineTellsAPassword() throws {
    let user = try #require(try RESPUserFile.parse("user a on >swordfish #\(Self.digest) %R~x* +@read -keys").first)
    #expect(user.rules.line(of: user.name) == "user a on #(hidden) #(hidden) %R~x* -@all +@read -keys")
  }
}

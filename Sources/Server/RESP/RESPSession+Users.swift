import Base
import IO
import TLS
import Wire

/// Who a client is, and what it may do. `proto/resp.md` has the rules.
extension RESPSession {
  /// Why a request is not executed.
  enum Objection {
    case command
    case key
  }

  // MARK: Who it is

  /// Whether the client is still whom it proved to be. If users have changed since its last request and it is not, this
  /// has been said, and nothing more is answered: clients say who they are when they come anew.
  func isStillKnown() -> Bool {
    let turn = worker.server.respTurn
    guard door.registry == nil, turn != usersTurn else { return true }
    guard isAuthenticated else {
      begin()
      return true
    }
    usersTurn = turn
    if let renewed = users.renewed(identity) {
      identity = renewed
      return true
    }
    note(.notAuthenticated, "a client's user has gone or changed", user: identity.user)
    transaction.clear()
    enter(.closing)
    reply(error: "NOAUTH the user of this connection has gone or changed. Connect again.")
    return false
  }

  /// Whom a client is before it says anything, also once more at RESET: whom its certificate names, if it showed one.
  func begin() {
    // Before the users: what changes meanwhile is seen again.
    usersTurn = worker.server.respTurn
    let users = users
    let subject = connection.transport.subject.map { Array($0.name.utf8) }
    identity = subject.flatMap(users.user(forSubject:)) ?? users.standard
    enter(identity.isEnough ? .ready : .unauthenticated)
  }

  /// - Parameter user: nil for a password alone, which is the default user's.
  /// False: the error is said already.
  func authenticate(user: UnsafeRawBufferPointer?, password: UnsafeRawBufferPointer) -> Bool {
    guard let proven = users.identity(named: user, password: password) else {
      // A name of no user may be a password in the wrong place.
      note(.wrongPassword, "a client did not prove who it is", user: user.map(users.user) ?? identity.user)
      reply(error: "WRONGPASS invalid username-password pair or user is disabled.")
      return false
    }
    identity = proven
    if !isAuthenticated { enter(.ready) }
    return true
  }

  private func note(_ refusal: Refusal, _ message: String, user: RESPUser?) {
    worker.metrics.refusals.add(refusal)
    let name = user.map { String(decoding: $0.name, as: UTF8.self) } ?? "unknown"
    worker.limiter.write(
      .warning, reason: "\(refusal.label)", now: loop.now, to: worker.server.log, message,
      ["user": .text(name), "peer": .text(connection.transport.peer?.text ?? "")])
  }

  // MARK: What it may do

  /// Nil: its user may do what it asks.
  func objection(to command: RESPCommand, at place: Int) async -> Objection? {
    let user = identity.user
    guard !user.isUnlimited, !command.traits.contains(.needsNoPassword) else { return nil }
    guard user.mayRun(place) else { return .command }
    let keys = command.keys
    guard keys.first > 0 else { return nil }
    let access = access(of: command)
    guard !user.reachesAll(access) else { return nil }
    let last = keys.last < 0 ? argumentCount + keys.last : keys.last
    var steps = Limits.respMatchStepsPerTurn
    var index = keys.first
    while index <= last {
      var stepsOfKey = Limits.userMatchStepsPerKey
      guard user.reaches(argument(index), access, steps: &stepsOfKey) else { return .key }
      steps -= Limits.userMatchStepsPerKey - stepsOfKey + user.patterns.count
      if steps <= 0 {
        await loop.bulkTurn(bytes: Limits.sliceBytes)
        steps = Limits.respMatchStepsPerTurn
      }
      index += keys.step
    }
    return nil
  }

  /// SET with GET reads what it replaces.
  private func access(of command: RESPCommand) -> KeyAccess {
    guard command === RESPCommand.set else { return command.access }
    var index = 3
    while index < min(argumentCount, 3 + Limits.respOptionWordsMax) {
      if argument(index).isWord("get") { return .full }
      index += 1
    }
    return command.access
  }

  /// Before anything is taken for a value that its user may not store.
  func mayStore(name: UnsafeRawBufferPointer, by place: Int) -> Bool {
    let user = identity.user
    if user.isUnlimited { return true }
    var steps = Limits.userMatchStepsPerKey
    return user.mayRun(place) && user.reaches(name, .write, steps: &steps)
  }

  /// Whether a list of names that others see too may show this one.
  func isVisible(_ name: UnsafeRawBufferPointer, steps: inout Int) -> Bool {
    let user = identity.user
    if user.reachesAll([]) { return true }
    var stepsOfKey = Limits.userMatchStepsPerKey
    defer { steps = max(0, steps - (Limits.userMatchStepsPerKey - stepsOfKey)) }
    return user.reaches(name, [], steps: &stepsOfKey)
  }

  // MARK: Refusals

  func refuse(_ command: RESPCommand, _ objection: Objection) {
    worker.metrics.refusals.add(.noPermission)
    let user = identity.user
    refuse(command, code: "NOPERM ") { encoder, output in
      switch objection {
      case .key: encoder.appendError("No permissions to access a key", into: &output)
      case .command:
        user.name.withUnsafeBytes {
          encoder.appendError("User ", quoting: $0.bytes, " has no permissions to run the '", into: &output)
        }
        encoder.appendError(command.name, into: &output)
        encoder.appendError("' command", into: &output)
      }
    }
  }

  /// Where a command finds out by itself.
  func refuseKey() {
    worker.metrics.refusals.add(.noPermission)
    reply(error: "NOPERM No permissions to access a key")
  }
}

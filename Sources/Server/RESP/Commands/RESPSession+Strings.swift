import Base
import Glibc
import Objects
import Store
import IO
import Wire
import Tier

/// GET, SET, SETEX, MGET, MSET, STRLEN.
extension RESPSession {
  /// What only a device has is asked for again once it is in memory.
  func get() {
    let value = find(argument(1))
    if away == nil { reply(value: value) }
  }

  func mget() async throws(SessionEnd) {
    reply { $0.array(argumentCount - 1, into: &$1) }
    var index = 1
    while index < argumentCount {
      try await awaitRoom()
      try await reply(valueOf: argument(index))
      await passArgument(index)
      index += 1
    }
  }

  private func reply(valueOf name: UnsafeRawBufferPointer) async throws(SessionEnd) {
    var brought: BroughtValue?
    var tried: ValueRef?
    for _ in 0...Limits.bringAttemptsMax {
      let value = withExtendedLifetime(brought) {
        brought == nil ? find(name) : lane.countingDiskHits { find(name) }
      }
      guard let ref = away.take() else { return reply(value: value) }
      // It could not be had, and nothing has taken its place.
      if ref == tried { break }
      brought = await bring(ref)
      tried = brought == nil ? ref : nil
    }
    missAway(name)
  }

  /// What a device had, and could not give.
  func missAway(_ name: UnsafeRawBufferPointer) {
    lane.countMiss(ofName: name.bytes, by: burst.asker, now: loop.now)
    worker.metrics.requests.add(.respGetMiss)
    replyNull()
  }

  /// Brings a value into memory, while what was answered before leaves.
  func bring(_ ref: ValueRef) async -> BroughtValue? {
    work.ring()
    return await worker.server.tier?.bring(ref, by: lane, now: loop.now)
  }

  /// Nil where there is none, and where only a device has it: then `away` says so.
  private func find(_ name: UnsafeRawBufferPointer) -> NamedValue? {
    guard isUsable(name: name), let value = lane.find(name: name.bytes, now: loop.now, burst: &burst) else {
      worker.metrics.requests.add(.respGetMiss)
      return nil
    }
    away = value.away
    if away != nil { return nil }
    worker.metrics.requests.add(.respGetHit)
    return value
  }

  func strlen() {
    let name = argument(1)
    reply(integer: isUsable(name: name) ? lane.length(name: name.bytes, now: loop.now) ?? 0 : 0)
  }

  // MARK: SET

  func set() async throws(SessionEnd) {
    guard let options = setOptions() else { return }
    try await store(name: 1, value: 2, options)
  }

  func setex() async throws(SessionEnd) {
    guard let seconds = number(2) else {
      return reply(error: "ERR value is not an integer or out of range")
    }
    guard let deadline = deadline(after: seconds, unit: .seconds, base: .relative) else {
      return reply(error: "ERR invalid expire time in 'setex' command")
    }
    try await store(name: 1, value: 3, SetOptions(deadline: .at(deadline)))
  }

  /// Each pair becomes visible by itself: a client that needs them together has a transaction no better.
  func mset() async throws(SessionEnd) {
    guard argumentCount % 2 == 1 else { return refuseArity(.mset) }
    var error: StaticString?
    var index = 1
    while index < argumentCount {
      let publication = try await publish(name: index, value: index + 1, SetOptions())
      if case .refused(let text) = publication { error = text }
      await passArgument(index + 1)
      index += 2
    }
    if let error { reply(error: error) } else { replyOK() }
  }

  private static var outOfMemory: StaticString { "OOM command not allowed when used memory > 'maxmemory'." }
  private static var badName: StaticString { "ERR a key has 1 to 65535 bytes here" }

  private enum Publication: ~Copyable {
    case done(SetOutcome)
    case refused(StaticString)
    /// There was no room, and the client is not told: see `RESPClient.hasIntroducedItself`.
    case lost
  }

  private func store(name: Int, value: Int, _ options: SetOptions) async throws(SessionEnd) {
    switch try await publish(name: name, value: value, options) {
    case .refused(let text): reply(error: text)
    case .lost: replyOK()
    case .done(var outcome):
      if options.wantsPrevious {
        reply(value: outcome.previous.take())
      } else if outcome.isStored {
        replyOK()
      } else {
        replyNull()
      }
    }
  }

  private func publish(name: Int, value: Int, _ options: SetOptions) async throws(SessionEnd) -> Publication {
    guard isUsable(name: argument(name)) else { return .refused(Self.badName) }
    let length = bodies.length(ofArgument: value) ?? argument(value).count
    var reservation = try await takeValue(name: name, value: value)
    guard let ready = reservation.take() else {
      worker.metrics.requests.add(.respSetDrained)
      guard !client.hasIntroducedItself, Lane.isChunk(name: argument(name).bytes) else {
        return .refused(Self.outOfMemory)
      }
      lane.removeStale(name: argument(name).bytes, length: length, now: loop.now)
      return .lost
    }
    let outcome = ready.publish(now: loop.now, burst: &burst, options: options)
    worker.metrics.requests.add(outcome.isStored ? .respSetStored : .respSetUnmet)
    return .done(outcome)
  }

  /// The whole value in its pages, wherever it came: as a body before, or with its request. Nil: there was no room.
  private func takeValue(name: Int, value: Int) async throws(SessionEnd) -> Reservation? {
    if var body = bodies.take(argument: value) { return body.reservation.take() }
    guard var reservation = lane.begin(name: argument(name).bytes, length: argument(value).count, now: loop.now)
    else { return nil }
    let ending = try await connection.copyBody(argument(value), into: &reservation) { _ in lookAfterValues() }
    if case .drop(let reason) = ending {
      reservation.abandon(reason)
      return nil
    }
    return reservation
  }
}

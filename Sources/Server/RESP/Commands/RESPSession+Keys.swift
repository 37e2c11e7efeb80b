import Base
import Objects
import Store
import IO
import Wire

/// EXISTS, DEL, UNLINK, TOUCH, TYPE, TTL, PTTL, EXPIRE, PERSIST.
extension RESPSession {
  /// How many of the names that follow `action` applies to.
  func countNames(
    _ applied: RequestOutcome, _ not: RequestOutcome, _ action: (UnsafeRawBufferPointer) -> Bool
  ) async throws(SessionEnd) {
    var count = 0
    var index = 1
    while index < argumentCount {
      let name = argument(index)
      let applies = isUsable(name: name) && action(name)
      if applies { count += 1 }
      if applied != .respOther { worker.metrics.requests.add(applies ? applied : not) }
      await passArgument(index)
      index += 1
    }
    reply(integer: count)
  }

  func exists(_ name: UnsafeRawBufferPointer) -> Bool {
    lane.exists(name: name.bytes, now: loop.now, burst: &burst)
  }

  func touch(_ name: UnsafeRawBufferPointer) -> Bool { lane.touch(name: name.bytes, now: loop.now, burst: &burst) }

  func remove(_ name: UnsafeRawBufferPointer) -> Bool { lane.remove(name: name.bytes, now: loop.now) }

  func type() {
    let name = argument(1)
    let isThere = isUsable(name: name) && lane.length(name: name.bytes, now: loop.now) != nil
    reply { $0.simple(isThere ? "string" : "none", into: &$1) }
  }

  // MARK: Time

  func timeToLive(inSeconds: Bool) {
    let name = argument(1)
    switch isUsable(name: name) ? lane.timeToLive(name: name.bytes, now: loop.now) : .absent {
    case .absent: reply(integer: -2)
    case .unlimited: reply(integer: -1)
    case .milliseconds(let milliseconds):
      reply(integer: inSeconds ? (milliseconds + 500) / 1000 : milliseconds)
    }
  }

  func persist() {
    let name = argument(1)
    reply(integer: isUsable(name: name) && lane.persist(name: name.bytes, now: loop.now) ? 1 : 0)
  }

  func expire() {
    guard let condition = expireCondition() else { return }
    guard let seconds = number(2) else { return reply(error: "ERR value is not an integer or out of range") }
    let (milliseconds, isBeyond) = seconds.multipliedReportingOverflow(by: 1000)
    guard !isBeyond, !milliseconds.addingReportingOverflow(WallClock.milliseconds()).overflow else {
      return reply(error: "ERR invalid expire time in 'expire' command")
    }
    let name = argument(1)
    guard isUsable(name: name) else { return reply(integer: 0) }
    if condition.needsLimited, case .milliseconds = lane.timeToLive(name: name.bytes, now: loop.now) {
    } else if condition.needsLimited {
      return reply(integer: 0)
    }
    let applied = lane.expire(
      name: name.bytes, at: nanoseconds(fromNow: milliseconds), if: condition.when, now: loop.now)
    reply(integer: applied ? 1 : 0)
  }

  /// Nil: the error is said already.
  private func expireCondition() -> (when: ExpireCondition, needsLimited: Bool)? {
    guard hasFewOptions(from: 3) else { return nil }
    var (nx, xx, gt, lt) = (false, false, false, false)
    var index = 3
    while index < argumentCount {
      let word = argument(index)
      if word.isWord("nx") {
        nx = true
      } else if word.isWord("xx") {
        xx = true
      } else if word.isWord("gt") {
        gt = true
      } else if word.isWord("lt") {
        lt = true
      } else {
        let shown = UnsafeRawBufferPointer(rebasing: word.prefix(128))
        reply(room: 192) { $0.error("ERR Unsupported option ", quoting: shown.bytes, "", into: &$1) }
        return nil
      }
      index += 1
    }
    if nx, xx || gt || lt {
      reply(error: "ERR NX and XX, GT or LT options at the same time are not compatible")
      return nil
    }
    if gt, lt {
      reply(error: "ERR GT and LT options at the same time are not compatible")
      return nil
    }
    let when: ExpireCondition =
      nx ? .onlyIfUnlimited : gt ? .onlyIfLater : lt ? .onlyIfSooner : xx ? .onlyIfLimited : .none
    return (when, xx && lt)
  }
}

import Base
import Objects
import Store
import IO
import Wire

/// What stands behind the value of a SET, and how times are understood.
extension RESPSession {
  enum TimeUnit {
    case seconds, milliseconds
  }

  enum TimeBase {
    case relative
    /// Since 1970.
    case absolute
  }

  private struct Expiry {
    let argument: Int
    let unit: TimeUnit
    let base: TimeBase
  }

  /// Nil: the error is said already.
  func setOptions() -> SetOptions? {
    guard hasFewOptions(from: 3) else { return nil }
    var options = SetOptions()
    var expiry: Expiry?
    var isKept = false
    var index = 3
    while index < argumentCount {
      let word = argument(index)
      let hasNext = index + 1 < argumentCount
      if word.isWord("nx"), options.condition != .onlyIfPresent {
        options.condition = .onlyIfAbsent
      } else if word.isWord("xx"), options.condition != .onlyIfAbsent {
        options.condition = .onlyIfPresent
      } else if word.isWord("get") {
        options.wantsPrevious = true
      } else if word.isWord("keepttl"), expiry == nil {
        isKept = true
      } else if hasNext, !isKept, let (unit, base) = Self.timeOption(word),
        expiry == nil || (expiry?.unit == unit && expiry?.base == base)
      {
        index += 1
        expiry = Expiry(argument: index, unit: unit, base: base)
      } else {
        reply(error: "ERR syntax error")
        return nil
      }
      index += 1
    }
    if isKept { options.deadline = .kept }
    guard let expiry else { return options }
    guard let value = number(expiry.argument) else {
      reply(error: "ERR value is not an integer or out of range")
      return nil
    }
    guard let deadline = deadline(after: value, unit: expiry.unit, base: expiry.base) else {
      reply(error: "ERR invalid expire time in 'set' command")
      return nil
    }
    options.deadline = .at(deadline)
    return options
  }

  private static func timeOption(_ word: UnsafeRawBufferPointer) -> (TimeUnit, TimeBase)? {
    if word.isWord("ex") { return (.seconds, .relative) }
    if word.isWord("px") { return (.milliseconds, .relative) }
    if word.isWord("exat") { return (.seconds, .absolute) }
    if word.isWord("pxat") { return (.milliseconds, .absolute) }
    return nil
  }

  /// On the loop's clock; nil if no such time is ever to come.
  func deadline(after value: Int, unit: TimeUnit, base: TimeBase) -> UInt64? {
    guard value > 0 else { return nil }
    let (milliseconds, isBeyond) = value.multipliedReportingOverflow(by: unit == .seconds ? 1000 : 1)
    guard !isBeyond else { return nil }
    switch base {
    case .relative:
      guard !milliseconds.addingReportingOverflow(WallClock.milliseconds()).overflow else { return nil }
      return nanoseconds(fromNow: milliseconds)
    case .absolute: return nanoseconds(fromNow: milliseconds - WallClock.milliseconds())
    }
  }

  /// A time that is over is now; one beyond counting is the last.
  func nanoseconds(fromNow milliseconds: Int) -> UInt64 {
    guard milliseconds > 0 else { return loop.now }
    let (nanoseconds, isBeyond) = UInt64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
    // The very last number means that there is no deadline.
    guard !isBeyond, nanoseconds < UInt64.max - loop.now else { return UInt64.max - 1 }
    return loop.now + nanoseconds
  }
}

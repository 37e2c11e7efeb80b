import Base
import IO
import Store

/// A device that hangs fails no operation and ends no task: it is watched from beside them.
extension Device {
  private static let silence = "it does not answer"

  /// As long as it lives.
  func watch() async {
    var next = loop.now + Limits.lookNanoseconds
    while isLiving {
      await loop.sleepUntilNudged(nanoseconds: Limits.lookNanoseconds)
      guard loop.now >= next else { continue }
      next = loop.now + Limits.lookNanoseconds
      gate.look()
      noticeSilence()
      await stepAside()
    }
  }

  private func noticeSilence() {
    // Before it serves there is nothing that could be read.
    if gate.hangs(.read) || gate.hangs && status.state != .serving && status.state != .readOnly {
      if !isOff { metrics.readFailures.add() }
      goOff(Self.silence)
    } else if gate.hangs(.write), trouble == nil {
      metrics.writeFailures.add()
      stop(Self.silence)
    }
  }

  /// What follows from its trouble does not wait for tasks that the device keeps.
  private func stepAside() async {
    if trouble != nil { answerFlushes(false) }
    switch trouble {
    case .off(let reason) where status.state != .off: await leave(reason)
    case .noWrites(let reason) where status.state == .serving: refuseWrites(reason)
    default: break
    }
  }

  func refuseWrites(_ reason: String) {
    stopWriting()
    status.state = .readOnly
    status.reason = reason
  }

  /// What only it has is not to be had from here on.
  func leave(_ reason: String) async {
    books.beginLoading(number)
    stopWriting()
    unread.removeAll()
    for (ref, fetch) in fetches where !fetch.waiters.isEmpty { giveUp(ref, fetch) }
    await loseEverything()
    status = DeviceStatus()
    status.state = .off
    status.reason = reason
  }
}

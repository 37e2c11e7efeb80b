import Base
import Store

/// What the server remembers of itself, so that its status page can tell what has changed. Written by one worker's
/// housekeeping.
final class StatusBoard: Sendable {
  fileprivate struct State {
    var history = StatusHistory()
    /// When a client last stored or asked for something; nil if none ever did.
    var activeAt: UInt64?
    var lastActivity: UInt64 = 0
    var headline: Headline.State?
  }

  private let state = Guarded(State())

  /// For housekeeping, which comes by often: remembers the numbers when it is time.
  func keep(_ server: Server, now: UInt64) {
    let isDue = state.withLock { state in
      state.history.count == 0 || now >= state.history.newest.at + Limits.statusStepNanoseconds
    }
    guard isDue else { return }
    let moment = StatusMoment(of: server, now: now)
    state.withLock { state in
      state.note(moment)
      state.history.append(moment)
    }
  }

  /// All that is known, with what was judged last.
  func look(at moment: StatusMoment) -> (history: StatusHistory, activeAt: UInt64?, headline: Headline.State?) {
    state.withLock { state in
      state.note(moment)
      return (state.history, state.activeAt, state.headline)
    }
  }

  func keep(_ headline: Headline.State) { state.withLock { $0.headline = headline } }
}

extension StatusBoard.State {
  fileprivate mutating func note(_ moment: StatusMoment) {
    guard moment.activity > lastActivity else { return }
    (activeAt, lastActivity) = (moment.at, moment.activity)
  }
}

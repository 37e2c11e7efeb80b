import Base

/// Messages from any thread to the one task that waits for them.
package final class Mailbox<Message: Sendable>: Sendable {
  private struct State {
    var messages: [Message] = []
    var waiter: UnsafeContinuation<Void, Never>?
    var isClosed = false
  }

  private let state = Guarded(State())

  package init() {}

  /// False when the box is closed, and the message lost.
  @discardableResult
  package func send(_ message: Message) -> Bool {
    let (isTaken, waiter) = state.withLock { state in
      guard !state.isClosed else { return (false, UnsafeContinuation<Void, Never>?.none) }
      state.messages.append(message)
      return (true, state.waiter.take())
    }
    waiter?.resume()
    return isTaken
  }

  package func close() {
    let waiter = state.withLock { state in
      state.isClosed = true
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// The next message, or nil once the box is closed and empty.
  package func next() async -> Message? {
    while true {
      let (message, isClosed) = state.withLock { state in
        (state.messages.isEmpty ? nil : state.messages.removeFirst(), state.isClosed)
      }
      if message != nil || isClosed { return message }
      await withUnsafeContinuation { continuation in
        let isWorthWaiting = state.withLock { state in
          guard state.messages.isEmpty, !state.isClosed else { return false }
          precondition(state.waiter == nil, "a mailbox has one reader")
          state.waiter = continuation
          return true
        }
        if !isWorthWaiting { continuation.resume() }
      }
    }
  }
}

import Foundation

/// Work on its own thread, whose failure is the test's.
final class Background: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var failure: (any Error)?

  init(_ work: @escaping @Sendable () throws -> Void) {
    Thread.detachNewThread { [self] in
      do { try work() } catch { failure = error }
      done.signal()
    }
  }

  func wait() throws {
    guard done.wait(timeout: .now() + 300) == .success else { throw HarnessFailure("a background thread hangs") }
    if let failure { throw failure }
  }
}

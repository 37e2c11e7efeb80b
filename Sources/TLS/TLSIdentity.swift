import Base
import Synchronization

/// Who a server is, by its files as they are now. New sessions get what the files said last; those that are there keep what
/// they began with.
package final class TLSIdentity: Sendable {
  package enum Reload: Equatable, Sendable {
    /// The files are those that were read before.
    case unchanged
    case done
    case failed(TLSFileFailure)
  }

  private struct State {
    var context: TLSContext
    var stamps: [TLSFileStamp?]
  }

  package let settings: TLSSettings
  private let state: Guarded<State>
  private let done = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  package init(_ settings: TLSSettings) throws(TLSFileFailure) {
    self.settings = settings
    // Before the files: what changes while they are read is found changed the next time.
    let stamps = Self.stamps(settings)
    state = Guarded(State(context: try TLSContext.server(settings), stamps: stamps))
  }

  package var context: TLSContext { state.withLock { $0.context } }
  package var reloads: Int { done.load(ordering: .relaxed) }
  package var failedReloads: Int { failed.load(ordering: .relaxed) }

  /// Reads the files again if they are others than before. Not for event loops. Where they are no good, what was read before
  /// stays, and they are not tried again until they change once more.
  /// - Parameter force: reads them in any case.
  package func reload(force: Bool = false) -> Reload {
    let stamps = Self.stamps(settings)
    let isChanged = state.withLock { state in
      defer { state.stamps = stamps }
      return state.stamps != stamps
    }
    guard isChanged || force else { return .unchanged }
    do {
      let context = try TLSContext.server(settings)
      state.withLock { $0.context = context }
      done.add(1, ordering: .relaxed)
      return .done
    } catch {
      failed.add(1, ordering: .relaxed)
      return .failed(error)
    }
  }

  private static func stamps(_ settings: TLSSettings) -> [TLSFileStamp?] {
    [settings.certificate, settings.key, settings.authorities].compactMap { $0 }.map { TLSFileStamp($0) }
  }
}

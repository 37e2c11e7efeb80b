import Base
import Synchronization

/// Who this side is and whom it trusts, by files as they are now. New sessions get what the files said last; those that are
/// there keep what they began with.
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
    /// Of the reading that these are of. Several may be under way, and the one that began last has the newest.
    var stampsTurn = 0
    var contextTurn = 0
  }

  package let settings: TLSSettings
  private let read: @Sendable (TLSSettings) throws(TLSFileFailure) -> TLSContext
  private let turns = Atomic<Int>(0)
  private let state: Guarded<State>
  private let done = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  package convenience init(_ settings: TLSSettings) throws(TLSFileFailure) {
    try self.init(settings, reading: TLSContext.server)
  }

  /// Of a client, whose certificate is shown where the settings name one.
  /// - Parameter verifies: false believes any certificate.
  package static func client(_ settings: TLSSettings, verifies: Bool) throws(TLSFileFailure) -> TLSIdentity {
    try TLSIdentity(settings) { settings throws(TLSFileFailure) in
      try TLSContext.client(
        authorities: settings.authorities, verifies: verifies,
        own: settings.certificate.isEmpty ? nil : (settings.certificate, settings.key))
    }
  }

  init(
    _ settings: TLSSettings, reading read: @escaping @Sendable (TLSSettings) throws(TLSFileFailure) -> TLSContext
  ) throws(TLSFileFailure) {
    self.settings = settings
    self.read = read
    // Before the files: what changes while they are read is found changed the next time.
    let stamps = Self.stamps(settings)
    state = Guarded(State(context: try read(settings), stamps: stamps))
  }

  package var context: TLSContext { state.withLock { $0.context } }
  package var reloads: Int { done.load(ordering: .relaxed) }
  package var failedReloads: Int { failed.load(ordering: .relaxed) }

  /// Reads the files again if they are others than before. Not for event loops. Where they are no good, what was read before
  /// stays, and they are not tried again until they change once more.
  /// - Parameter force: reads them in any case.
  package func reload(force: Bool = false) -> Reload {
    // Before anything of the files is looked at: who has a later turn has seen nothing older.
    let turn = turns.add(1, ordering: .sequentiallyConsistent).newValue
    let stamps = Self.stamps(settings)
    let isChanged = state.withLock { state in
      let isChanged = state.stamps != stamps
      if turn > state.stampsTurn { (state.stamps, state.stampsTurn) = (stamps, turn) }
      return isChanged
    }
    guard isChanged || force else { return .unchanged }
    do {
      let context = try read(settings)
      let isNewest = state.withLock { state in
        guard turn > state.contextTurn else { return false }
        (state.context, state.contextTurn) = (context, turn)
        return true
      }
      guard isNewest else { return .unchanged }
      done.add(1, ordering: .relaxed)
      return .done
    } catch {
      failed.add(1, ordering: .relaxed)
      return .failed(error)
    }
  }

  private static func stamps(_ settings: TLSSettings) -> [TLSFileStamp?] {
    settings.files.map { TLSFileStamp($0) }
  }
}

import Base
import Synchronization

/// What the store tells a device, noted under the store's locks and taken by the device's loop when it comes by.
package final class DeviceNews: Sendable {
  package struct Batch: Sendable {
    /// Stored, and on no device yet: the oldest first.
    package var stored: [ValueRef] = []
    /// To be evicted as soon as they are written or refused.
    package var leaving: [ValueRef] = []
    /// Copies that mean nothing any more.
    package var buried: [DiskPlace] = []
    /// Asked for, and only on this device.
    package var wanted: [ValueRef] = []

    package init() {}

    package var isEmpty: Bool { stored.isEmpty && leaving.isEmpty && buried.isEmpty && wanted.isEmpty }
  }

  private struct State {
    var batch = Batch()
    var isWriting = false
    var wake: (@Sendable () -> Void)?
  }

  private let state = Guarded(State())
  /// Values that are evicted as soon as they are written or refused.
  package let leavingBytes = Atomic<Int>(0)
  /// Evicted unwritten: too much waited for the device already, or nothing else could go.
  package let passedBy = SharedCounter()

  package init() {}

  // MARK: The device

  /// Takes what was noted. What is handed over is emptied, and its memory used again.
  package func take(_ batch: inout Batch) {
    batch.stored.removeAll(keepingCapacity: true)
    batch.leaving.removeAll(keepingCapacity: true)
    batch.buried.removeAll(keepingCapacity: true)
    batch.wanted.removeAll(keepingCapacity: true)
    state.withLock { swap(&$0.batch, &batch) }
  }

  /// How to wake the device.
  package func whenNoted(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  /// Whether the device takes values in.
  package var isWriting: Bool {
    get { state.withLock { $0.isWriting } }
    set { state.withLock { $0.isWriting = newValue } }
  }

  // MARK: The store

  func note(stored ref: ValueRef) {
    state.withLock { state in
      guard state.isWriting else { return }
      // It is offered again before it is evicted.
      if state.batch.stored.count < Limits.offeredMax { state.batch.stored.append(ref) }
    }
  }

  func note(buried place: DiskPlace) {
    wakeIfFirst { state in
      state.batch.buried.append(place)
      return state.batch.buried.count == 1
    }
  }

  func note(wanted ref: ValueRef) {
    wakeIfFirst { state in
      guard state.batch.wanted.count < Limits.wantedMax else { return false }
      state.batch.wanted.append(ref)
      return state.batch.wanted.count == 1
    }
  }

  /// False when the device takes nothing in.
  func note(leaving ref: ValueRef) -> Bool {
    var isTaken = false
    wakeIfFirst { state in
      guard state.isWriting else { return false }
      state.batch.leaving.append(ref)
      isTaken = true
      return state.batch.leaving.count == 1
    }
    return isTaken
  }

  /// The device comes by from time to time anyway, and takes all that there is.
  private func wakeIfFirst(_ change: (inout State) -> Bool) {
    let wake = state.withLock { state in change(&state) ? state.wake : nil }
    wake?()
  }
}

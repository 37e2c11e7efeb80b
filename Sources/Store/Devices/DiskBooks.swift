import Base
import Synchronization

/// What a store with devices keeps of them: where copies lie, and what is to be told to whom.
package final class DiskBooks: Sendable {
  /// When values are offered to devices.
  package enum Offering: Sendable {
    /// Soon after they were stored, and again before they are evicted.
    case stored
    /// Before they are evicted.
    case leaving
  }

  package let devices: [DeviceNews]
  package let offering: Offering
  /// Values that lie in memory because a look-up asked for them, and that are not fetched yet.
  package let stagedBytes = Atomic<Int>(0)
  /// What came of those that were staged.
  package let stagedFetched = SharedCounter()
  package let stagedWasted = SharedCounter()
  /// Values that left memory and stay on a device.
  package let demoted = SharedCounter()
  /// Nil of a device that is known.
  private let loading: Guarded<[Loading?]>
  private let loadingCount: Atomic<Int>

  package init(deviceCount: Int, offering: Offering) {
    precondition((1...DiskPlace.devicesMax).contains(deviceCount))
    devices = (0..<deviceCount).map { _ in DeviceNews() }
    self.offering = offering
    loading = Guarded(Array(repeating: Loading(), count: deviceCount))
    loadingCount = Atomic(deviceCount)
  }

  // MARK: Loading

  /// A key has a new value, or lost the one it had.
  func noteChange(ofKey hash: UInt64) {
    guard loadingCount.load(ordering: .relaxed) > 0 else { return }
    loading.withLock { loading in
      for number in loading.indices { loading[number]?.note(hash) }
    }
  }

  /// Everything is removed: also what devices hold that are not known yet.
  func noteChangeOfAll() {
    guard loadingCount.load(ordering: .relaxed) > 0 else { return }
    loading.withLock { loading in
      for number in loading.indices { loading[number]?.noteAll() }
    }
  }

  func hasChangedWhileLoading(_ hash: UInt64, on device: Int) -> Bool {
    loading.withLock { $0[device]?.contains(hash) ?? false }
  }

  /// Whether every device knows what it holds.
  var knowsAll: Bool { loadingCount.load(ordering: .relaxed) == 0 }

  /// A device knows what it holds.
  package func endLoading(_ device: Int) {
    loading.withLock { loading in
      if loading[device] != nil { loadingCount.subtract(1, ordering: .relaxed) }
      loading[device] = nil
    }
  }

  /// A device is lost, and may come back as it was.
  package func beginLoading(_ device: Int) {
    loading.withLock { loading in
      guard loading[device] == nil else { return }
      loading[device] = Loading()
      loadingCount.add(1, ordering: .relaxed)
    }
  }
}

/// What has changed since a device was last known: it is newer than what that device holds.
private struct Loading: Sendable {
  private var keys: Set<UInt64> = []
  /// More has changed than is remembered: nothing that the device holds is believed.
  private var isTooMuch = false

  mutating func note(_ hash: UInt64) {
    guard !isTooMuch else { return }
    keys.insert(hash)
    if keys.count > Limits.changedKeysMax { noteAll() }
  }

  mutating func noteAll() { (keys, isTooMuch) = ([], true) }

  func contains(_ hash: UInt64) -> Bool { isTooMuch || keys.contains(hash) }
}

import Base
import IO
import Store

/// The second tier of a store: its devices, each on its own.
package final class DiskTier: Sendable {
  package let devices: [Device]
  private let books: DiskBooks
  private let store: Store
  /// How long devices may write at the end.
  package let graceNanoseconds: UInt64
  package let isReadyOnlyWhenLoaded: Bool

  package init(
    store: Store, books: DiskBooks, devices: [Device], graceNanoseconds: UInt64 = 0, isReadyOnlyWhenLoaded: Bool = false
  ) {
    (self.store, self.books, self.devices) = (store, books, devices)
    (self.graceNanoseconds, self.isReadyOnlyWhenLoaded) = (graceNanoseconds, isReadyOnlyWhenLoaded)
  }

  package var figures: DiskBooks { books }

  /// Starts every device's root task; their loops may begin to turn before or after.
  package func start() {
    for device in devices { device.loop.startRoot { await device.run() } }
  }

  /// Brings a value into memory. It stays there at least as long as what is returned; nil when it cannot be had.
  package func bring(_ ref: ValueRef, by lane: Lane, now: UInt64) async -> BroughtValue? {
    switch lane.locate(ref, now: now) {
    case .memory(let pin): return BroughtValue(pin)
    case .gone: return nil
    case .away(let value): return await devices[value.place.device].bring(ref)
    }
  }

  /// Nothing of what is there comes back, whatever happens. False where a device could not be told.
  package func flush() async -> Bool {
    var isDone = true
    for device in devices { isDone = await device.flush() && isDone }
    return isDone
  }

  /// Lets the devices write what they may until then, and end.
  package func end(at time: UInt64) {
    for device in devices { device.end(at: time) }
  }

  package var statuses: [DeviceStatus] { devices.map(\.currentStatus) }
  package var isDegraded: Bool { statuses.contains { !$0.isWell } }
  package var isLoaded: Bool { statuses.allSatisfy(\.isLoaded) }
}

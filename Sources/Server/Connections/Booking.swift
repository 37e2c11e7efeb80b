import Store

/// What one holder of memory has in the store's books, beside pages. Goes back by itself.
struct Booking: ~Copyable {
  private let store: Store
  private(set) var bytes = 0

  init(store: Store) { self.store = store }

  deinit { store.discharge(bytes) }

  /// Books so many bytes instead of those before. False when the budget has no room for more: then those before stay
  /// booked, and the holder has to do without the others.
  mutating func change(to wanted: Int) -> Bool {
    if wanted > bytes {
      guard store.book(wanted - bytes) else { return false }
    } else if wanted < bytes {
      store.discharge(bytes - wanted)
    }
    bytes = wanted
    return true
  }
}

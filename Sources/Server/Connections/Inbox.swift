import Base
import Glibc
import Store

/// What has arrived on a connection and is not answered. It begins in the connection's own memory. A request that does not
/// fit there gets larger memory for as long as it is needed; small values in a pipeline get a wide buffer of the worker.
struct Inbox: ~Copyable {
  private enum Place {
    case own, wide, grown
  }

  private let own: UnsafeMutableRawBufferPointer
  private var memory: UnsafeMutableRawBufferPointer
  private var place = Place.own
  private var start = 0
  private var end = 0
  /// For grown memory.
  private var booking: Booking
  /// Grown memory has at least this size, and up to this size it stays when it is empty: for clients that fill it with
  /// every pipeline.
  var keptBytes = 0

  /// - Parameter own: stays where it is for as long as this lives.
  init(own: UnsafeMutableRawBufferPointer, store: Store) {
    self.own = own
    memory = own
    booking = Booking(store: store)
  }

  deinit {
    precondition(place != .wide, "a wide buffer is given back before the end")
    if place == .grown { memory.deallocate() }
  }

  var isEmpty: Bool { start == end }
  var count: Int { end - start }
  var base: UnsafeMutableRawPointer { memory.baseAddress! + start }
  var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: end - start) }
  /// Where the next bytes go.
  var room: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[end...]) }

  /// So many bytes came into the room.
  mutating func arrived(_ count: Int) {
    precondition(count <= memory.count - end, "no more than there was room for")
    end += count
  }

  mutating func consume(_ count: Int) {
    precondition(count <= end - start, "more consumed than arrived")
    start += count
    guard start == end else { return }
    (start, end) = (0, 0)
    if place == .grown, memory.count > keptBytes { use(own, .own) }
  }

  /// Takes bytes out of the middle; what follows moves up.
  mutating func cut(_ count: Int, at offset: Int) {
    guard offset > 0 else { return consume(count) }
    let place = start + offset
    precondition(place + count <= end, "no more than there is")
    memmove(memory.baseAddress! + place, memory.baseAddress! + place + count, end - place - count)
    end -= count
  }

  /// Moves what is there to the front, so that all the rest is room.
  mutating func compact() {
    guard start > 0 else { return }
    memmove(memory.baseAddress!, base, count)
    (start, end) = (0, count)
  }

  /// Room for at least so many bytes behind those that are there. False when the budget has none. How long a request may
  /// become is for its decoder to say.
  mutating func makeRoom(_ wanted: Int) -> Bool {
    compact()
    guard count + wanted > memory.count || keptBytes > memory.count else { return true }
    precondition(place != .wide, "requests that come by way of a wide buffer fit it")
    var capacity = max(2 * memory.count, keptBytes)
    while capacity < count + wanted { capacity *= 2 }
    guard booking.change(to: capacity) else { return false }
    use(.allocate(byteCount: capacity, alignment: 16), .grown)
    return true
  }

  // MARK: A wide buffer

  /// Goes on in a wide buffer, if there is one to be had.
  mutating func widen(from pool: WideBufferPool) -> Bool {
    if place == .wide { return true }
    precondition(place == .own, "requests that were given more room are no small values")
    guard let wide = pool.borrow() else { return false }
    use(wide, .wide)
    return true
  }

  /// Gives a wide buffer back, if what has arrived fits the connection's own.
  mutating func narrow(to pool: WideBufferPool) {
    guard place == .wide, count <= own.count else { return }
    let wide = memory
    use(own, .own)
    pool.giveBack(wide)
  }

  /// Forgets everything and gives a wide buffer back.
  mutating func empty(to pool: WideBufferPool) {
    consume(count)
    narrow(to: pool)
  }

  private mutating func use(_ other: UnsafeMutableRawBufferPointer, _ otherPlace: Place) {
    if count > 0 { memcpy(other.baseAddress!, base, count) }
    (start, end) = (0, count)
    if place == .grown {
      memory.deallocate()
      if otherPlace == .own { _ = booking.change(to: 0) }
    }
    (memory, place) = (other, otherPlace)
  }
}

import Base

/// A handshake that has a place, or waits for one.
final class HandshakePlace {
  /// Whose it is; nil where that is not known.
  let holder: IPAddress?
  /// Since when nothing is missing but the client's bytes, as if it were awaited only now; nil while the server has something
  /// to do.
  private(set) var waitsSince: UInt64?
  /// Before: bytes that drip in make nobody quick.
  private var waited: UInt64 = 0
  /// It was given to another.
  fileprivate(set) var isLost = false
  private let abort: () -> Void

  init(_ holder: IPAddress?, abort: @escaping () -> Void) { (self.holder, self.abort) = (holder, abort) }

  func awaitClient(from now: UInt64) { waitsSince = now - waited }

  func clientCame(at now: UInt64) {
    if let waitsSince { waited = now - waitsSince }
    waitsSince = nil
  }

  fileprivate func lose() {
    isLost = true
    abort()
  }
}

/// The handshakes under way on one loop, of which there are so many at most. Where all places are taken, an address that has
/// many gives one to an address that has few, and a client that is slow gives its own to whoever waits: those who say
/// nothing keep nobody out.
struct HandshakePlaces: ~Copyable {
  private struct Waiter {
    let place: HandshakePlace
    let continuation: UnsafeContinuation<Void, Never>?
  }

  private let most: Int
  /// Those that have a place, the oldest first.
  private var held: [HandshakePlace] = []
  private var counts: [IPAddress?: Int] = [:]
  private var waiting: [Waiter] = []

  init(_ most: Int) { self.most = most }

  /// Whether there is a place. Without one, the task has to wait by `line`.
  mutating func enter(_ place: HandshakePlace) -> Bool {
    if held.count >= most {
      guard let victim = victim(for: place.holder) else { return false }
      lose(victim)
    }
    hold(place)
    return true
  }

  /// The place is the waiter's when it goes on.
  mutating func line(_ place: HandshakePlace, _ continuation: UnsafeContinuation<Void, Never>?) {
    waiting.append(Waiter(place: place, continuation: continuation))
  }

  mutating func leave(_ place: HandshakePlace) {
    guard !place.isLost, let index = held.firstIndex(where: { $0 === place }) else { return }
    remove(at: index)
    admitNext()
  }

  /// Places of clients that have been awaited for too long go to those who wait; to be called every now and then.
  mutating func makeRoom(now: UInt64) {
    while !waiting.isEmpty,
      let slow = held.firstIndex(where: { $0.waitsSince.map { now >= $0 + Self.slow } ?? false })
    {
      lose(slow)
      admitNext()
    }
  }

  private static let slow = Limits.tlsSlowClientNanoseconds

  // MARK: Who goes

  /// Of those that wait for their client the oldest of the address with the most places, if that has more than the newcomer's
  /// would have then.
  private func victim(for holder: IPAddress?) -> Int? {
    var (victim, most): (Int?, Int) = (nil, count(of: holder) + 1)
    for index in held.indices where held[index].waitsSince != nil {
      let count = count(of: held[index].holder)
      if count > most { (victim, most) = (index, count) }
    }
    return victim
  }

  /// Of the address with the fewest places the one that waits longest.
  private mutating func admitNext() {
    guard var best = waiting.indices.first else { return }
    for index in waiting.indices where count(of: waiting[index].place.holder) < count(of: waiting[best].place.holder) {
      best = index
    }
    let next = waiting.remove(at: best)
    hold(next.place)
    next.continuation?.resume()
  }

  private mutating func lose(_ index: Int) {
    let place = held[index]
    remove(at: index)
    place.lose()
  }

  // MARK: Counting

  private func count(of holder: IPAddress?) -> Int { counts[holder] ?? 0 }

  private mutating func hold(_ place: HandshakePlace) {
    held.append(place)
    counts[place.holder, default: 0] += 1
  }

  private mutating func remove(at index: Int) {
    let holder = held.remove(at: index).holder
    counts[holder] = counts[holder].flatMap { $0 > 1 ? $0 - 1 : nil }
  }
}

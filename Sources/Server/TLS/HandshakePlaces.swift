import Base

/// The handshakes under way on one loop, of which there are so many at most, and the line of those that wait for a place.
/// Where all places are taken, an address that has many gives one to an address that has few, and a client that is slow
/// gives its own to a client that waits: those that say nothing keep none out. Where the line is full too, the address of which
/// most wait loses its newest.
struct HandshakePlaces: ~Copyable {
  private let most: Int
  private let lineMost: Int
  /// Those that have a place, the oldest first.
  private var held: [HandshakePlace] = []
  private var lineCount = 0
  private var holders: [IPAddress?: HandshakeHolder] = [:]
  /// Of the addresses that wait: how many places they have, how many of them wait.
  private var byHeld: HolderRanks
  private var byWaiting: HolderRanks
  private var heldLooks = 0

  init(_ most: Int, line lineMost: Int) {
    (self.most, self.lineMost) = (most, lineMost)
    byHeld = HolderRanks(upTo: most)
    byWaiting = HolderRanks(upTo: lineMost)
  }

  /// What finding those who come and go has cost: tests count it.
  var looks: Int { heldLooks + byHeld.looks + byWaiting.looks }

  /// Whether there is a place. Without one, it has to stand in the line.
  mutating func enter(_ place: HandshakePlace) -> Bool {
    if held.count >= most {
      guard let victim = victim(for: place.address) else { return false }
      lose(victim)
    }
    hold(place)
    return true
  }

  /// Whether there is room in the line. From here on its `wake` is called when it has a place, or is turned away.
  mutating func line(_ place: HandshakePlace) -> Bool {
    if lineCount >= lineMost, !turnAwayNewest(for: place.address) {
      place.state = .turnedAway
      return false
    }
    standInLine(place)
    return true
  }

  /// Its place goes to the next, or it waits no longer.
  mutating func leave(_ place: HandshakePlace) {
    switch place.state {
    case .outside, .lost, .turnedAway: return
    case .waiting: leaveLine(place)
    case .held:
      guard let index = held.firstIndex(where: { $0 === place }) else { preconditionFailure("it has a place") }
      release(index)
      admitNext()
    }
    place.state = .outside
  }

  /// Places of clients that have been awaited for too long go to those who wait, so many at most; to be called every now
  /// and then.
  mutating func makeRoom(now: UInt64, atMost: Int = Limits.tlsPlacesTakenAtOnce) {
    var (index, taken) = (0, 0)
    while lineCount > 0, taken < atMost, index < held.count {
      heldLooks += 1
      guard let since = held[index].waitsSince, now >= since + Limits.tlsSlowClientNanoseconds else {
        index += 1
        continue
      }
      lose(index)
      admitNext()
      taken += 1
    }
  }

  // MARK: Who goes

  /// Of those that wait for their client the oldest of the address with the most places, if that has more than the newcomer's
  /// would have then.
  private mutating func victim(for address: IPAddress?) -> Int? {
    let own = holders[address]?.held ?? 0
    // A client of the address where most are from need not look for others.
    guard held.count - own > own + 1 else { return nil }
    heldLooks += held.count
    var (victim, most): (Int?, Int) = (nil, own + 1)
    for index in held.indices where held[index].waitsSince != nil {
      let count = held[index].holder?.held ?? 0
      if count > most { (victim, most) = (index, count) }
    }
    return victim
  }

  private mutating func lose(_ index: Int) {
    let place = held[index]
    release(index)
    place.state = .lost
    place.abort()
  }

  /// False where no address has more in the line than the newcomer's would have then.
  private mutating func turnAwayNewest(for address: IPAddress?) -> Bool {
    let own = holders[address]?.line.count ?? 0
    guard let holder = byWaiting.withMost(), holder.line.count > own + 1, let newest = holder.line.last else {
      return false
    }
    leaveLine(newest)
    newest.state = .turnedAway
    newest.wake()
    return true
  }

  /// Of the address with the fewest places the one that waits longest.
  private mutating func admitNext() {
    guard let next = byHeld.withFewest()?.line.first else { return }
    leaveLine(next)
    hold(next)
    next.wake()
  }

  // MARK: Places

  private mutating func hold(_ place: HandshakePlace) {
    let holder = holder(of: place)
    if holder.line.count > 0 { byHeld.remove(holder.byHeld, at: holder.held) }
    holder.held += 1
    if holder.line.count > 0 { byHeld.add(holder.byHeld, at: holder.held) }
    held.append(place)
    place.state = .held
  }

  private mutating func release(_ index: Int) {
    let place = held.remove(at: index)
    guard let holder = place.holder else { preconditionFailure("somebody has the place") }
    if holder.line.count > 0 { byHeld.remove(holder.byHeld, at: holder.held) }
    holder.held -= 1
    if holder.line.count > 0 { byHeld.add(holder.byHeld, at: holder.held) }
    forget(holder, of: place)
  }

  // MARK: The line

  private mutating func standInLine(_ place: HandshakePlace) {
    let holder = holder(of: place)
    if holder.line.count > 0 {
      byWaiting.remove(holder.byWaiting, at: holder.line.count)
    } else {
      byHeld.add(holder.byHeld, at: holder.held)
    }
    holder.line.append(place.link)
    byWaiting.add(holder.byWaiting, at: holder.line.count)
    lineCount += 1
    place.state = .waiting
  }

  private mutating func leaveLine(_ place: HandshakePlace) {
    guard let holder = place.holder else { preconditionFailure("somebody waits") }
    byWaiting.remove(holder.byWaiting, at: holder.line.count)
    holder.line.remove(place.link)
    lineCount -= 1
    if holder.line.count > 0 {
      byWaiting.add(holder.byWaiting, at: holder.line.count)
    } else {
      byHeld.remove(holder.byHeld, at: holder.held)
    }
    forget(holder, of: place)
  }

  // MARK: Addresses

  private mutating func holder(of place: HandshakePlace) -> HandshakeHolder {
    let holder = holders[place.address] ?? HandshakeHolder()
    holders[place.address] = holder
    place.holder = holder
    return holder
  }

  private mutating func forget(_ holder: HandshakeHolder, of place: HandshakePlace) {
    place.holder = nil
    if holder.held == 0, holder.line.count == 0 { holders[place.address] = nil }
  }
}

import Base

/// A body's place in the queue. 0 is none.
typealias BodyID = UInt32

/// What the ledger knows of a value that is arriving.
struct Body: Sendable {
  var entry: EntryID = 0
  /// The last page that it took.
  var tail = PagePool.none
  var heldBytes = 0
  /// When it last had `Limits.slowBodyBytes` more.
  var lastProgress: UInt64 = 0
  /// It asked for pages and got none: its silence is our doing.
  var isWaiting = false
  var isCondemned = false
  var earlier: BodyID = 0
  var later: BodyID = 0
}

/// Bodies in flight, in the order in which they began; and who of them must give way.
struct BodyQueue: @unchecked Sendable {
  private let bodies: UnsafeMutablePointer<Body>
  private let capacity: Int
  private var freeHead: BodyID = 0
  private var frontier = 1
  private var newest: BodyID = 0
  private var condemned: BodyID = 0
  private var condemnedAt: UInt64 = 0
  private(set) var count = 0
  private(set) var heldBytes = 0

  init(capacity: Int) {
    self.capacity = capacity + 1
    bodies = .allocate(capacity: self.capacity)
    bodies.initialize(repeating: Body(), count: self.capacity)
  }

  static func bytes(capacity: Int) -> Int { (capacity + 1) * MemoryLayout<Body>.stride }

  subscript(id: BodyID) -> UnsafeMutablePointer<Body> {
    precondition(id != 0)
    return bodies + Int(id)
  }

  var isFull: Bool { freeHead == 0 && frontier == capacity }

  mutating func begin(entry: EntryID, now: UInt64) -> BodyID {
    precondition(!isFull)
    let id = freeHead != 0 ? freeHead : BodyID(frontier)
    if freeHead != 0 { freeHead = self[id].pointee.later } else { frontier += 1 }
    self[id].pointee = Body(entry: entry, lastProgress: now, earlier: newest)
    if newest != 0 { self[newest].pointee.later = id }
    newest = id
    count += 1
    return id
  }

  mutating func end(_ id: BodyID) {
    let body = self[id].pointee
    precondition(body.entry != 0, "a body ends once")
    if body.earlier != 0 { self[body.earlier].pointee.later = body.later }
    if body.later != 0 { self[body.later].pointee.earlier = body.earlier } else { newest = body.earlier }
    heldBytes -= body.heldBytes
    count -= 1
    if condemned == id { condemned = 0 }
    self[id].pointee = Body(later: freeHead)
    freeHead = id
  }

  mutating func hold(_ id: BodyID, _ bytes: Int) {
    self[id].pointee.heldBytes += bytes
    heldBytes += bytes
  }

  /// There is no room for `asker`. True when it has to give way itself; otherwise another one was told to,
  /// and asking again later will help.
  mutating func mustYield(_ asker: BodyID, now: UInt64) -> Bool {
    if condemned != 0, now < condemnedAt + Limits.condemnedGraceNanoseconds { return false }
    guard let loser = slowest(except: asker, now: now) ?? latest(with: asker), loser != asker else { return true }
    self[loser].pointee.isCondemned = true
    condemned = loser
    condemnedAt = now
    return false
  }

  /// Of the slow ones, the one that has been so for longest.
  private func slowest(except asker: BodyID, now: UInt64) -> BodyID? {
    var found: BodyID?
    var id = newest
    while id != 0 {
      let body = self[id]
      if id != asker, body.pointee.isWorthCondemning, !body.pointee.isWaiting,
        now > body.pointee.lastProgress + Limits.slowBodyNanoseconds,
        found.map({ body.pointee.lastProgress <= self[$0].pointee.lastProgress }) ?? true
      {
        found = id
      }
      id = body.pointee.earlier
    }
    return found
  }

  private func latest(with asker: BodyID) -> BodyID? {
    var id = newest
    while id != 0, id != asker, !self[id].pointee.isWorthCondemning { id = self[id].pointee.earlier }
    return id == 0 ? nil : id
  }

  func forEach(_ visit: (Body) -> Void) {
    var id = newest
    while id != 0 {
      visit(self[id].pointee)
      id = self[id].pointee.earlier
    }
  }

  func deallocate() { bodies.deallocate() }
}

extension Body {
  fileprivate var isWorthCondemning: Bool { heldBytes > 0 && !isCondemned }
}

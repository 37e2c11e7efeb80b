import Base

/// Whose chunks are held, in the ledger.
struct UsageBooks: Sendable {
  var models: NameTable
  var tags: NameTable
  var clients: NameTable

  static var bytes: Int { UsageGroup.allCases.reduce(0) { $0 + NameTable.bytes(places: $1.places) } }

  init(_ counters: UsageCounters) {
    models = NameTable(.model, counters)
    tags = NameTable(.tag, counters)
    clients = NameTable(.client, counters)
  }

  private mutating func update(_ marks: UsageMarks, _ change: (inout UsageHoldings) -> Void) {
    models.update(marks.model, change)
    tags.update(marks.tag, change)
    clients.update(marks.client, change)
  }

  mutating func add(_ marks: UsageMarks, bytes: Int, isLeading: Bool, isAway: Bool, sign: Int) {
    update(marks) { held in
      if isLeading, isAway { held.awayLeading += sign }
      if isLeading, !isAway { held.leading += sign }
      if isAway {
        held.awayChunks += sign
        held.awayBytes += sign * bytes
      } else {
        held.chunks += sign
        held.bytes += sign * bytes
      }
    }
  }
}

/// What is known of one name.
package struct UsageFigures: Sendable {
  fileprivate let place: Int
  fileprivate let name: [UInt8]
  package let holdings: UsageHoldings
  private let counts: [UInt64]
  /// Of a client: a bit for the place of each model that it has written chunks of; the first is of chunks that name none, the
  /// second of models without a place.
  package let modelsWritten: UInt64
  /// Of a model: tokens of a chunk, nil where chunks are of layers.
  package let tokensEach: Int?

  init(
    place: Int, name: [UInt8], holdings: UsageHoldings, counts: [UInt64], modelsWritten: UInt64, tokensEach: Int?
  ) {
    (self.place, self.name, self.holdings, self.counts) = (place, name, holdings, counts)
    (self.modelsWritten, self.tokensEach) = (modelsWritten, tokensEach)
  }

  package subscript(count: UsageCount) -> UInt64 { counts[count.rawValue] }

  /// Of the rows without a name: that of none, and that of all others.
  package var isNamed: Bool { place > Int(NameTable.othersPlace) }

  package var label: String {
    switch place {
    case Int(NameTable.nonePlace): "\(UsageName.noneLabel)"
    case Int(NameTable.othersPlace): "\(UsageName.othersLabel)"
    default: String(decoding: name, as: UTF8.self)
    }
  }
}

extension Ledger {
  /// A value that is about to be seen is counted for its client. Under the lock of its stripe, too.
  mutating func own(_ id: EntryID, _ kind: ValueKind, _ names: UsageNames, by client: UInt8, isAway: Bool) {
    guard kind != .hidden else { return }
    let marks = UsageMarks(
      client: client, model: usage.models.enter(names.model, now: latestNow),
      tag: usage.tags.enter(names.tag, now: latestNow))
    setMarks(of: id, marks)
    count(id, marks, isAway: isAway, sign: 1)
  }

  mutating func disown(_ id: EntryID, _ kind: ValueKind, isAway: Bool) {
    guard kind != .hidden else { return }
    count(id, entries.marks(of: id).pointee, isAway: isAway, sign: -1)
  }

  /// Its bytes have left memory for good or for a while, or are back.
  mutating func move(_ id: EntryID, away isAway: Bool) {
    let marks = entries.marks(of: id).pointee
    count(id, marks, isAway: !isAway, sign: -1)
    count(id, marks, isAway: isAway, sign: 1)
  }

  private mutating func count(_ id: EntryID, _ marks: UsageMarks, isAway: Bool, sign: Int) {
    let fixed = entries[id]
    usage.add(
      marks, bytes: Int(fixed.pointee.length), isLeading: KeyHash.isOfFirstRank(fixed.pointee.hash), isAway: isAway,
      sign: sign)
  }
}

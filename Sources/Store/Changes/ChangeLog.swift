import Base

/// What happened to a key.
package enum ChangeEvent: UInt8, Sendable {
  case published
  /// Published in the place of a value of the same kind.
  case replaced
  /// A client deleted it, or another kind of value took its place.
  case removed
  case evicted
  case expired
  case flushed
  /// It was asked for by a client that had been told elsewhere that it is here, and it is not.
  case missed
}

/// An entry of the log.
package struct Change: Sendable {
  package let sequence: UInt64
  package let event: ChangeEvent
  package let kind: ValueKind
}

/// All changes of all keys, in order. One log for all lanes, because what happened to a key on two of them must be told in the
/// order in which it happened; a change costs a copy of its key under a lock.
///
/// Bounded: the oldest changes are forgotten for new ones. Readers keep their positions themselves; one that comes for what is
/// forgotten is told so, and has to take stock anew.
package final class ChangeLog: @unchecked Sendable {
  /// Where a reader stands: the number of the next change, and where it lies.
  package struct Position: Equatable, Sendable {
    package fileprivate(set) var sequence: UInt64 = 0
    fileprivate var offset: UInt64 = 0

    /// Before the first change.
    package init() {}
  }

  private struct State {
    /// The oldest change that is kept, and where the next one will be.
    var start = Position()
    var end = Position()
  }

  /// A ring. Offsets only grow; no entry goes around the end.
  private let memory: UnsafeMutableRawBufferPointer
  private let state = Guarded(State())

  init(byteCount: Int = Limits.changeLogBytes) {
    precondition(byteCount % Header.alignment == 0)
    memory = .allocate(byteCount: byteCount, alignment: Header.alignment)
  }

  deinit { memory.deallocate() }

  // MARK: Writing

  /// `fill` copies the key.
  func append(
    _ event: ChangeEvent, _ kind: ValueKind, keyLength: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    let header = Header(event: event.rawValue, kind: kind, keyLength: keyLength)
    precondition(header.entryBytes <= memory.count, "the longest key has room")
    state.withLock { state in
      let left = memory.count - place(state.end.offset)
      if left < header.entryBytes { skip(left, &state) }
      makeRoom(header.entryBytes, &state)
      let start = place(state.end.offset)
      memory.storeBytes(of: header, toByteOffset: start, as: Header.self)
      fill(UnsafeMutableRawBufferPointer(rebasing: memory[(start + Header.bytes)..<(start + Header.bytes + keyLength)]))
      state.end.offset += UInt64(header.entryBytes)
      state.end.sequence += 1
    }
  }

  /// A key that a client came for in vain.
  package func appendMissed(_ key: UnsafeRawBufferPointer) {
    append(.missed, .withMeta, keyLength: key.count) { $0.copyMemory(from: key) }
  }

  /// The rest of the ring is too small for an entry.
  private func skip(_ byteCount: Int, _ state: inout State) {
    makeRoom(byteCount, &state)
    memory.storeBytes(of: Header.filler, toByteOffset: place(state.end.offset), as: Header.self)
    state.end.offset += UInt64(byteCount)
  }

  /// Forgets the oldest.
  private func makeRoom(_ byteCount: Int, _ state: inout State) {
    while state.end.offset + UInt64(byteCount) > state.start.offset + UInt64(memory.count) {
      let header = header(at: state.start.offset)
      state.start.sequence += header.isFiller ? 0 : 1
      state.start.offset = next(behind: header, at: state.start.offset)
    }
  }

  // MARK: Reading

  /// Reads what comes next into `batch`, as far as it has room, and moves on behind it. False when some of it was forgotten:
  /// then the reader goes on at the log's end, and what it knows may be wrong.
  package func read(_ batch: inout ChangeBatch, from position: inout Position) -> Bool {
    batch.clear()
    return state.withLock { state in
      guard position.sequence >= state.start.sequence else {
        position = state.end
        return false
      }
      // A filler before it may be gone.
      position.offset = max(position.offset, state.start.offset)
      while position.sequence < state.end.sequence {
        let header = header(at: position.offset)
        if !header.isFiller {
          let start = place(position.offset)
          let entry = UnsafeRawBufferPointer(rebasing: memory[start..<start + header.entryBytes])
          guard batch.append(entry, position.sequence) else { break }
          position.sequence += 1
        }
        position.offset = next(behind: header, at: position.offset)
      }
      return true
    }
  }

  private func place(_ offset: UInt64) -> Int { Int(offset % UInt64(memory.count)) }

  private func header(at offset: UInt64) -> Header { memory.load(fromByteOffset: place(offset), as: Header.self) }

  private func next(behind header: Header, at offset: UInt64) -> UInt64 {
    offset + UInt64(header.isFiller ? memory.count - place(offset) : header.entryBytes)
  }
}

/// What stands before each key.
private struct Header {
  static let alignment = 4
  static let bytes = MemoryLayout<Header>.size
  static let filler = Header(event: .max, kind: .plain, keyLength: 0)

  let keyLength: UInt16
  let event: UInt8
  let kind: ValueKind

  init(event: UInt8, kind: ValueKind, keyLength: Int) {
    self.event = event
    self.kind = kind
    self.keyLength = UInt16(keyLength)
  }

  var isFiller: Bool { event == .max }

  /// With what keeps the next one aligned.
  var entryBytes: Int {
    (Self.bytes + Int(keyLength) + Self.alignment - 1) / Self.alignment * Self.alignment
  }
}

/// Some changes, copied out of the log to be told at leisure.
package struct ChangeBatch {
  private var bytes: [UInt8]
  private var used = 0
  private var firstSequence: UInt64 = 0
  private let countMax: Int
  package private(set) var count = 0

  /// At least one entry has room.
  package init(countMax: Int, byteCount: Int = Limits.changeBatchBytes) {
    self.countMax = countMax
    bytes = Array(repeating: 0, count: byteCount)
  }

  fileprivate mutating func clear() { (used, count) = (0, 0) }

  /// False when it has no room.
  fileprivate mutating func append(_ entry: UnsafeRawBufferPointer, _ sequence: UInt64) -> Bool {
    guard count < countMax, used + entry.count <= bytes.count else { return false }
    if count == 0 { firstSequence = sequence }
    let start = used
    bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: entry) }
    used += entry.count
    count += 1
    return true
  }

  package func forEach(_ visit: (Change, ArraySlice<UInt8>) -> Void) {
    var offset = 0
    for number in 0..<count {
      let header = bytes.withUnsafeBytes { $0.load(fromByteOffset: offset, as: Header.self) }
      guard let event = ChangeEvent(rawValue: header.event) else { preconditionFailure("only changes are copied") }
      let key = offset + Header.bytes
      visit(
        Change(sequence: firstSequence + UInt64(number), event: event, kind: header.kind),
        bytes[key..<key + Int(header.keyLength)])
      offset += header.entryBytes
    }
  }
}

extension Vault {
  /// Logs what happens to an entry. Under the lock of its stripe, before the record goes.
  @inline(__always)
  func note(_ event: ChangeEvent, _ id: EntryID, _ kind: ValueKind) {
    if let changes, kind != .hidden { note(event, id, kind, in: changes) }
  }

  private func note(_ event: ChangeEvent, _ id: EntryID, _ kind: ValueKind, in changes: ChangeLog) {
    changes.append(event, kind, keyLength: Int(entries[id].pointee.keyLength)) { entries.copyKey(of: id, into: $0) }
  }
}

extension Store {
  /// What happens to all keys, where the configuration asks for it.
  package var changes: ChangeLog? { vault.changes }
}

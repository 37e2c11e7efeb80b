import Base
import Glibc
import Synchronization

typealias OwnerID = UInt16

/// The owners that entries name: each address once, with a count of its entries. An address without entries is
/// forgotten when its record is needed for another.
///
/// The text of an owner does not change while it has entries, so a caller that holds a shard's lock and one of the
/// owner's entries may read the text without the lock here.
final class Owners: @unchecked Sendable {
  /// Read without the lock by callers that hold an entry.
  private struct Shared: ~Copyable {
    let entries = Atomic<Int>(0)
    let isHidden = Atomic<Bool>(false)
    /// Set only while the owner has no entries.
    var textBytes = 0
  }

  /// Guarded by the lock.
  private struct Row {
    var hash: UInt64 = 0
    var nextInBucket = Owners.nobody
    var life: UInt32 = 0
    var isVouchedFor = false
    var health = OwnerHealth()
  }

  private struct Chains {
    var buckets = [OwnerID](repeating: Owners.nobody, count: Limits.ownersMax)
    var free: [OwnerID] = []
    /// Records from here on have never been used. Row 0 stands for no owner.
    var frontier = 1
  }

  private static let nobody: OwnerID = 0
  private let records: UnsafeMutablePointer<Row>
  private let shared: UnsafeMutablePointer<Shared>
  private let texts: UnsafeMutableRawPointer
  private let chains = Guarded(Chains())
  private let hashSeed: UInt64

  init(hashSeed: UInt64) {
    self.hashSeed = hashSeed
    records = .allocate(capacity: Limits.ownersMax + 1)
    shared = .allocate(capacity: Limits.ownersMax + 1)
    texts = .allocate(byteCount: (Limits.ownersMax + 1) * Limits.ownerBytesMax, alignment: 8)
  }

  deinit {
    chains.withLock { chains in _ = (shared + 1).deinitialize(count: chains.frontier - 1) }
    records.deallocate()
    shared.deallocate()
    texts.deallocate()
  }

  // MARK: Entries come and go

  /// Adds one entry to this address; nil when there are too many addresses. A vouched-for address may be connected to.
  func retain(_ text: UnsafeRawBufferPointer, isVouchedFor: Bool) -> OwnerID? {
    let hash = EntryHash.of(text, seed: hashSeed)
    return chains.withLock { chains in
      guard let id = find(text, hash, in: chains) ?? add(text, hash, to: &chains) else { return nil }
      if isVouchedFor { records[Int(id)].isVouchedFor = true }
      shared[Int(id)].entries.add(1, ordering: .relaxed)
      return id
    }
  }

  /// The release pairs with the acquire in `hasEntries`: a thread that sees no entries left also sees that all reads of
  /// the text are over.
  func release(_ id: OwnerID) { shared[Int(id)].entries.subtract(1, ordering: .releasing) }

  // MARK: Read with an entry of the owner

  func isHidden(_ id: OwnerID) -> Bool { shared[Int(id)].isHidden.load(ordering: .relaxed) }

  func text(of id: OwnerID) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: texts + Int(id) * Limits.ownerBytesMax, count: shared[Int(id)].textBytes)
  }

  // MARK: Checks

  /// The owners that may be connected to and have entries.
  func checkable() -> [CheckableOwner] {
    chains.withLock { chains in
      (1..<chains.frontier).compactMap { number in
        let id = OwnerID(number)
        guard records[number].isVouchedFor, hasEntries(id) else { return nil }
        return CheckableOwner(id: id, life: records[number].life, address: Array(text(of: id)))
      }
    }
  }

  /// Records the result of a check; returns whether it shows or hides the owner's entries. Returns nil as well when the
  /// record has gone to another owner meanwhile.
  func note(_ owner: CheckableOwner, isReachable: Bool, now: UInt64) -> OwnerChange? {
    chains.withLock { _ in
      let record = records + Int(owner.id)
      guard record.pointee.life == owner.life else { return nil }
      record.pointee.health.note(isReachable: isReachable, now: now)
      let isGone = record.pointee.health.verdict == .gone
      guard shared[Int(owner.id)].isHidden.exchange(isGone, ordering: .relaxed) != isGone else { return nil }
      return isGone ? .hidden : .shown
    }
  }

  func counts() -> [Int] {
    var counts = [Int](repeating: 0, count: OwnerState.allCases.count)
    chains.withLock { chains in
      for number in 1..<chains.frontier where hasEntries(OwnerID(number)) {
        counts[state(of: number).rawValue] += 1
      }
    }
    return counts
  }

  private func state(of number: Int) -> OwnerState {
    guard records[number].isVouchedFor else { return .unchecked }
    switch records[number].health.verdict {
    case .alive: return .alive
    case .failing: return .failing
    case .gone: return .hidden
    }
  }

  private func hasEntries(_ id: OwnerID) -> Bool { shared[Int(id)].entries.load(ordering: .acquiring) > 0 }

  // MARK: Finding

  private func find(_ text: UnsafeRawBufferPointer, _ hash: UInt64, in chains: Chains) -> OwnerID? {
    var id = chains.buckets[bucket(hash)]
    while id != Self.nobody {
      let own = self.text(of: id)
      if records[Int(id)].hash == hash, own.count == text.count,
        memcmp(own.baseAddress!, text.baseAddress!, text.count) == 0
      {
        return id
      }
      id = records[Int(id)].nextInBucket
    }
    return nil
  }

  private func add(_ text: UnsafeRawBufferPointer, _ hash: UInt64, to chains: inout Chains) -> OwnerID? {
    guard let id = freePlace(in: &chains) else { return nil }
    let record = records + Int(id)
    record.pointee.life += 1
    shared[Int(id)].textBytes = text.count
    record.pointee.hash = hash
    record.pointee.isVouchedFor = false
    record.pointee.health = OwnerHealth()
    shared[Int(id)].isHidden.store(false, ordering: .relaxed)
    UnsafeMutableRawBufferPointer(start: texts + Int(id) * Limits.ownerBytesMax, count: text.count)
      .copyMemory(from: text)
    link(id, in: &chains)
    return id
  }

  private func freePlace(in chains: inout Chains) -> OwnerID? {
    if let id = chains.free.popLast() { return id }
    if chains.frontier <= Limits.ownersMax {
      (records + chains.frontier).initialize(to: Row())
      (shared + chains.frontier).initialize(to: Shared())
      chains.frontier += 1
      return OwnerID(chains.frontier - 1)
    }
    forgetIdle(in: &chains)
    return chains.free.popLast()
  }

  /// Looks at every owner, so it frees all idle records at once, to be needed seldom.
  private func forgetIdle(in chains: inout Chains) {
    for bucket in chains.buckets.indices { chains.buckets[bucket] = Self.nobody }
    for number in 1..<chains.frontier {
      let id = OwnerID(number)
      if hasEntries(id) { link(id, in: &chains) } else { chains.free.append(id) }
    }
  }

  private func link(_ id: OwnerID, in chains: inout Chains) {
    let bucket = bucket(records[Int(id)].hash)
    records[Int(id)].nextInBucket = chains.buckets[bucket]
    chains.buckets[bucket] = id
  }

  private func bucket(_ hash: UInt64) -> Int { Int(hash % UInt64(Limits.ownersMax)) }
}

/// An owner to be checked, at one stage of its life.
package struct CheckableOwner: Sendable {
  let id: OwnerID
  let life: UInt32
  package let address: [UInt8]
}

package enum OwnerChange: Equatable, Sendable {
  case hidden, shown
}

/// What the registry thinks of an owner.
package enum OwnerState: Int, CaseIterable, Sendable {
  /// No check has failed.
  case alive
  /// Checks fail, but not yet often or long enough to hide it.
  case failing
  /// Its entries are not shown.
  case hidden
  /// The registry may not connect to it, so its state is unknown.
  case unchecked

  package var label: StaticString {
    switch self {
    case .alive: "alive"
    case .failing: "failing"
    case .hidden: "hidden"
    case .unchecked: "unchecked"
    }
  }
}

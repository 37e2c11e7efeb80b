import Base
import Synchronization

/// Who has which chunk: key -> owner's address. The registry has its own name space: the same string may name a chunk
/// stored here and an entry about another owner.
///
/// Entries are never evicted for chunks. When the registry's own budget is spent, the entries confirmed longest ago go;
/// a SET confirms. Any thread may call; a shard stays locked for one small step at most.
package final class Registry: @unchecked Sendable {
  package enum Entering: Equatable, Sendable {
    case entered
    case keyTooLong, ownerTooLong
    case tooManyOwners
    /// The budget has no room for one more entry.
    case noRoom
  }

  package enum Finding: Equatable, Sendable {
    /// The number of bytes of the owner's address that were written.
    case found(bytes: Int)
    /// The entry's owner seems to be gone.
    case hidden
    case absent
  }

  private let memory: RegistryMemory
  private let owners: Owners
  private let hashSeed: UInt64
  private let shards: UnsafeMutablePointer<Guarded<Shard>>
  private let shardCount: Int

  package init(budgetBytes: Int, hashSeed: UInt64) throws(RegistryFailure) {
    precondition((Limits.registryBytesMin...Limits.registryBytesMax).contains(budgetBytes))
    self.hashSeed = hashSeed
    memory = try RegistryMemory(budgetBytes: budgetBytes)
    owners = Owners(hashSeed: hashSeed)
    shardCount = min(Limits.registryShardsMax, budgetBytes / Limits.registryShardBytesMin)
    shards = .allocate(capacity: shardCount)
    for number in 0..<shardCount {
      (shards + number).initialize(to: Guarded(Shard(memory: memory, hashSeed: hashSeed), rank: .shard))
    }
  }

  deinit {
    for number in 0..<shardCount { shards[number].withLock { $0.deallocate() } }
    shards.deinitialize(count: shardCount)
    shards.deallocate()
  }

  // MARK: Entries

  /// - Parameter isVouchedFor: whether the owner's address may be connected to, to see if it is there.
  package func set(key: RawSpan, owner: RawSpan, isVouchedFor: Bool) -> Entering {
    guard key.byteCount <= Limits.registryKeyBytesMax else { return .keyTooLong }
    guard owner.byteCount <= Limits.ownerBytesMax else { return .ownerTooLong }
    let id = owner.withUnsafeBytes { owners.retain($0, isVouchedFor: isVouchedFor) }
    guard let id else { return .tooManyOwners }
    let isEntered = withShard(of: key) { shard, key, hash in
      shard.set(key, hash, owner: id) { loss, owner in
        owners.release(owner)
        if loss == .dropped { dropped.add(1, ordering: .relaxed) }
      }
    }
    if !isEntered { owners.release(id) }
    return isEntered ? .entered : .noRoom
  }

  /// Writes the owner's address to `text`, which must have room for the longest.
  package func find(key: RawSpan, into text: UnsafeMutableRawBufferPointer) -> Finding {
    precondition(text.count >= Limits.ownerBytesMax, "room for any owner")
    return withShard(of: key) { shard, key, hash in
      guard let id = shard.owner(of: key, hash) else { return .absent }
      guard !owners.isHidden(id) else { return .hidden }
      // Copied under the shard's lock, where the entry keeps its owner from being forgotten.
      let found = owners.text(of: id)
      text.copyMemory(from: found)
      return .found(bytes: found.count)
    }
  }

  /// False when there was no such entry.
  package func remove(key: RawSpan) -> Bool {
    let owner = withShard(of: key) { shard, key, hash in shard.remove(key, hash) }
    guard let owner else { return false }
    owners.release(owner)
    return true
  }

  private func withShard<Result>(
    of key: RawSpan, _ body: (inout Shard, UnsafeRawBufferPointer, UInt64) -> Result
  ) -> Result {
    key.withUnsafeBytes { key in
      let hash = EntryHash.of(key, seed: hashSeed)
      let number = Int((hash >> 32) * UInt64(shardCount) >> 32)
      return shards[number].withLock { body(&$0, key, hash) }
    }
  }

  // MARK: Checks

  /// The owners that may be connected to. Allocates, so it is not for the request path.
  package func checkableOwners() -> [CheckableOwner] { owners.checkable() }

  /// Records the result of a check; returns the change if the owner's entries are hidden or shown from now on.
  package func note(_ owner: CheckableOwner, isReachable: Bool, now: UInt64) -> OwnerChange? {
    owners.note(owner, isReachable: isReachable, now: now)
  }

  // MARK: Books

  private let dropped = Atomic<Int>(0)

  /// The part of the budget that is not in use yet.
  package var unusedBytes: Int { memory.budgetBytes - memory.usedBytes }

  package func snapshot() -> RegistrySnapshot {
    var snapshot = RegistrySnapshot(budgetBytes: memory.budgetBytes, usedBytes: memory.usedBytes)
    for number in 0..<shardCount {
      shards[number].withLock { shard in
        snapshot.entries += shard.count
        snapshot.liveBytes += shard.liveBytes
        snapshot.gapBytes += shard.deadBytes
      }
    }
    snapshot.droppedTotal = dropped.load(ordering: .relaxed)
    snapshot.ownersByState = owners.counts()
    return snapshot
  }

  /// Traps when the books do not add up. For tests.
  package func checkInvariants() {
    for number in 0..<shardCount { shards[number].withLock { $0.checkInvariants() } }
    precondition(memory.usedBytes <= memory.budgetBytes, "the budget is kept")
  }

  /// A shard's keys, oldest first. For tests.
  package func keysOldestFirst(shard: Int) -> [[UInt8]] { shards[shard].withLock { $0.keys() } }
}

/// The registry's figures at one moment.
package struct RegistrySnapshot: Sendable {
  package var budgetBytes: Int
  /// Log and tables.
  package var usedBytes: Int
  package var entries = 0
  /// Bytes of the log: living entries, and gaps that wait to be closed.
  package var liveBytes = 0
  package var gapBytes = 0
  /// Entries dropped for newer ones since the start.
  package var droppedTotal = 0
  package var ownersByState: [Int] = []

  package func owners(_ state: OwnerState) -> Int { ownersByState[state.rawValue] }
}

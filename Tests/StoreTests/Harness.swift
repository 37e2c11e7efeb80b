import Base
import Foundation
import Testing

@testable import Store

let second: UInt64 = 1_000_000_000
let mebibyte = 1024 * 1024

/// Bytes that differ for every version of every key: windows into one long noise.
enum Noise {
  static let windowBytesMax = 32 * mebibyte
  private static let shiftMax = 1_048_573
  nonisolated(unsafe) private static let bytes: UnsafeMutableRawPointer = {
    let count = windowBytesMax + shiftMax
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count + 8, alignment: 8)
    var random = SplitMix64(seed: 7)
    for offset in stride(from: 0, through: count, by: 8) {
      memory.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
    return memory
  }()

  static func start(version: Int) -> UnsafeMutableRawPointer { bytes + (version &* 7919) % shiftMax }
}

extension Store {
  static func make(
    mebibytes: Int, reach: Int? = nil, lanes: Int = 1, lease: Int = 30, clients: Int = 256, populated: Bool = true,
    policy: EvictionPolicy = .lru
  ) throws -> Store {
    var configuration = StoreConfiguration(
      budgetBytes: mebibytes * mebibyte, reachBytes: reach.map { $0 * mebibyte }, leaseSeconds: lease, hashSeed: 42,
      laneCount: lanes, clientsMax: clients)
    configuration.policy = policy
    let store = try Store(configuration)
    if populated { store.populate() }
    return store
  }

  func populate() { while populateAhead() {} }

  /// Bytes that may not be evicted because they are promised.
  func heldBytes(at now: UInt64) -> Int {
    let vault = lane(0).vault
    let frontier = vault.ledger.withLock { EntryID($0.records.frontier) }
    return (1..<frontier).reduce(0) { sum, id in
      let entry = vault.stripePart(of: id)
      guard entry.state == .published, vault.promises.holds(entry.promise, at: Vault.second(now)) else { return sum }
      return sum + vault.index.withStripe(of: vault.entries[id].pointee.hash) { vault.footprintBytes(of: id, in: $0) }
    }
  }
}

func meta(_ number: Int) -> ObjectMeta {
  ObjectMeta(format: 1, type: 2, shape: (Int32(number), 32, 256, 1024))
}

func withKey<Result>(_ key: String, _ body: (RawSpan) -> Result) -> Result {
  let bytes = Array(key.utf8)
  return body(bytes.span.bytes)
}

extension Lane {
  func find(_ key: String, _ kind: ValueKind = .plain, at now: UInt64, _ burst: inout TouchBurst) -> Pin? {
    let bytes = Array(key.utf8)
    switch find(key: bytes.span.bytes, kind: kind, now: now, burst: &burst) {
    case .memory(let pin): return pin
    case .absent: return nil
    case .disk: return nil
    }
  }

  func exists(_ key: String, _ kind: ValueKind = .plain, at now: UInt64, _ burst: inout TouchBurst) -> Bool {
    withKey(key) { exists(key: $0, kind: kind, now: now, burst: &burst) }
  }

  func has(_ key: String, _ kind: ValueKind = .plain, at now: UInt64) -> Bool {
    var burst = TouchBurst()
    return find(key, kind, at: now, &burst) != nil
  }

  func begin(_ key: String, length: Int, meta: ObjectMeta? = nil, at now: UInt64) -> Reservation? {
    let bytes = Array(key.utf8)
    return begin(key: bytes.span.bytes, length: length, meta: meta, now: now)
  }

  func remove(_ key: String) -> Bool {
    Array(key.utf8).withUnsafeBytes { removeAll(key: $0, now: 0).values > 0 }
  }

  /// A whole PUT at once. False when it was dropped.
  @discardableResult
  func put(
    _ key: String, length: Int, version: Int = 0, meta: ObjectMeta? = nil, at now: UInt64, _ burst: inout TouchBurst
  ) -> Bool {
    noteWriter(burst.asker)
    guard var reservation = begin(key, length: length, meta: meta, at: now) else { return false }
    while true {
      switch reservation.extend(to: length, now: now) {
      case .ready:
        reservation.write(version: version, until: length, now: now)
        reservation.publish(now: now, burst: &burst)
        return true
      case .wait: _ = vault.populateAhead()
      case .drop(let reason):
        reservation.abandon(reason)
        return false
      }
    }
  }

  @discardableResult
  func put(_ key: String, length: Int, version: Int = 0, meta: ObjectMeta? = nil, at now: UInt64) -> Bool {
    var burst = TouchBurst()
    return put(key, length: length, version: version, meta: meta, at: now, &burst)
  }
}

/// Calls `visit` with every piece of a range, asking for few pieces at a time.
private func pieces(
  from start: Int, until end: Int, regions: (Int, Int, UnsafeMutableBufferPointer<iovec>) -> Int,
  visit: (Int, UnsafeMutableRawBufferPointer) -> Void
) {
  withUnsafeTemporaryAllocation(of: iovec.self, capacity: 3) { vectors in
    var offset = start
    while offset < end {
      let count = regions(offset, end - offset, vectors)
      precondition(count > 0)
      for vector in vectors[..<count] {
        visit(offset, UnsafeMutableRawBufferPointer(start: vector.iov_base, count: vector.iov_len))
        offset += vector.iov_len
      }
    }
    precondition(offset == end)
  }
}

extension Reservation {
  mutating func write(version: Int, until end: Int, now: UInt64) {
    let start = received
    guard end > start else { return }
    // Longer values only count pages; they are never read.
    guard length <= Noise.windowBytesMax else { return advance(by: end - start, now: now) }
    pieces(from: start, until: end, regions: { regions(from: $0, max: $1, into: $2) }) { offset, piece in
      memcpy(piece.baseAddress!, Noise.start(version: version) + offset, piece.count)
    }
    advance(by: end - start, now: now)
  }
}

extension Pin {
  /// Whether every byte is the version's, read from `from` on.
  borrowing func holds(version: Int, from: Int = 0) -> Bool {
    var isEqual = true
    pieces(from: from, until: length, regions: { regions(from: $0, max: $1, into: $2) }) { offset, piece in
      isEqual = isEqual && memcmp(piece.baseAddress!, Noise.start(version: version) + offset, piece.count) == 0
    }
    return isEqual
  }
}

import Base
import Glibc
import Simulation
import Wire

@testable import Objects
@testable import Store

/// What a store shows, compared with what the model knows.
extension TierLife {
  struct Peek {
    var length: Int
    var meta: ObjectMeta?
    var kind: ValueKind
    /// In nanoseconds of the life; 0 is never.
    var deadline: UInt64
    var isAway: Bool
    /// That has it, with all that is said of it.
    var device: Int?
  }

  /// What is there, without a touch.
  func peek(_ key: TierKey) -> Peek? {
    let (lane, process) = (process.lane, process)
    return key.name.withUnsafeBytes { bytes in
      lane.transact(on: bytes, now: process.world.now) { transaction in
        let kinds = KindSet(.plain).adding(.withMeta).adding(.bytesAlone)
        guard let entry = transaction.entry(of: kinds) else { return nil }
        let part = transaction.stripe.disk(entry.id)!.pointee
        return Peek(
          length: entry.length, meta: entry.hasAnnotation ? entry.meta : nil, kind: entry.kind,
          deadline: entry.deadline == 0 ? 0 : entry.deadline * 1_000_000 + process.now - process.world.now,
          isAway: transaction.away(entry) != nil, device: part.isBuried ? nil : part.place?.device)
      }
    }
  }

  /// The version that was found. Anything but one that may be there ends the life.
  func see(_ pin: borrowing Pin, of key: TierKey) -> Int? {
    guard let peek = peek(key) else {
      fail("key \(key.number) was found, and is not there")
      return nil
    }
    var metadata: [UInt8]?
    if key.kind == .pair { metadata = self.metadata(of: key) }
    for number in key.candidates where holds(pin, key, number, peek, metadata) {
      let deadline = key.versions[number].deadline
      if deadline != 0, deadline + Self.tolerance < process.now {
        fail("key \(key.number) has expired: \(describe(key))")
      }
      if key.versions[number].endedAt != nil { census.revived += 1 }
      key.see(number, at: process.now)
      return number
    }
    let old = key.versions.indices.last { holds(pin, key, $0, nil, nil) }
    fail(
      "key \(key.number) holds \(old.map { "version \($0)" } ?? "no version"), \(pin.length) bytes, \(peek): \(describe(key))"
    )
    return nil
  }

  func metadata(of key: TierKey) -> [UInt8]? {
    var burst = TouchBurst()
    switch process.lane.find(name: key.metadataName.span.bytes, now: process.world.now, burst: &burst) {
    case .metadata(let bytes): return bytes.withBytes { $0.withUnsafeBytes { Array($0) } }
    case .bytes: return nil
    case .away: return nil
    case nil: return nil
    }
  }

  /// Without a peek its bytes alone are compared.
  private func holds(_ pin: borrowing Pin, _ key: TierKey, _ number: Int, _ peek: Peek?, _ metadata: [UInt8]?) -> Bool {
    let version = key.versions[number]
    guard pin.length == version.length, pin.holds(key: key.number, version: version.noise) else { return false }
    guard let peek else { return true }
    let distance = max(peek.deadline, version.deadline) - min(peek.deadline, version.deadline)
    guard (peek.deadline == 0) == (version.deadline == 0), distance < Self.tolerance else { return false }
    switch key.kind {
    case .plain: return peek.kind == .plain
    case .chunk: return peek.kind == .withMeta && peek.meta == version.meta
    case .pair: return peek.kind == (version.metadata == nil ? .bytesAlone : .withMeta) && metadata == version.metadata
    }
  }

  func describe(_ key: TierKey) -> String {
    let known = key.versions.indices.suffix(8).map { number in
      let version = key.versions[number]
      let end = version.endedAt.map { "\($0 / 1_000_000)" } ?? "-"
      return "\(number): \(version.length) bytes, ended \(end), deadline \(version.deadline / 1_000_000)"
        + "\(version.isFlushed ? ", flushed" : "")"
    }
    return "\(key.kind), candidates \(key.candidates), versions \(known)"
  }
}

extension Pin {
  borrowing func holds(key: Int, version: Int) -> Bool {
    let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
    defer { vectors.deallocate() }
    let noise = Noise.of(key: key, version: version)
    var place = 0
    while place < length {
      let count = regions(from: place, max: length - place, into: vectors)
      for vector in vectors[..<count] {
        guard memcmp(vector.iov_base, noise + place, vector.iov_len) == 0 else { return false }
        place += vector.iov_len
      }
    }
    return true
  }
}

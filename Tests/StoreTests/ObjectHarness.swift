import Base
import Foundation
import Wire

@testable import Objects
@testable import Store

/// The value that a name showed, with its bytes.
enum Shown: Equatable {
  case value(length: Int, meta: ObjectMeta?)
  case metadata([UInt8])
}

/// Metadata as its clients write it, with `groups` equal groups.
func metadata(length: Int, _ meta: ObjectMeta, groups: Int = 1) -> [UInt8] {
  var bytes = encoded(meta, statedLength: Int32(length))
  let group = bytes[ObjectMeta.headBytes...]
  // So that no two groups are alike.
  for number in 1..<max(groups, 1) { bytes += [UInt8(number)] + group.dropFirst() }
  return bytes
}

/// Head and first group.
func encoded(_ meta: ObjectMeta, statedLength: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0xFF, count: ObjectMeta.firstGroupEnd)
  bytes.withUnsafeMutableBytes { room in
    var output = OutputRawSpan(buffer: room, initializedCount: 0)
    meta.encode(statedLength: statedLength, into: &output)
    _ = output.finalize(for: room)
  }
  return bytes
}

extension Lane {
  func begin(name: String, length: Int, at now: UInt64) -> Reservation? {
    let bytes = Array(name.utf8)
    return begin(name: bytes.span.bytes, length: length, now: now)
  }

  func find(name: String, at now: UInt64) -> NamedValue? {
    let bytes = Array(name.utf8)
    var burst = TouchBurst()
    return find(name: bytes.span.bytes, now: now, burst: &burst)
  }

  func shown(_ name: String, at now: UInt64) -> Shown? {
    switch find(name: name, at: now) {
    case .bytes(let pin): return .value(length: pin.length, meta: pin.meta)
    case .metadata(let bytes): return .metadata(bytes.array)
    case .away: return nil
    case nil: return nil
    }
  }

  /// Whether the name shows exactly this version's bytes.
  func shows(_ name: String, version: Int, at now: UInt64) -> Bool {
    // Not `guard case .bytes(let pin)?`: that hangs the compiler.
    switch find(name: name, at: now) {
    case .bytes(let pin): return pin.holds(version: version)
    case .metadata: return false
    case .away: return false
    case nil: return false
    }
  }

  func exists(name: String, at now: UInt64) -> Bool {
    var burst = TouchBurst()
    return withKey(name) { exists(name: $0, now: now, burst: &burst) }
  }

  func length(name: String, at now: UInt64) -> Int? { withKey(name) { length(name: $0, now: now) } }
  func remove(name: String, at now: UInt64) -> Bool { withKey(name) { remove(name: $0, now: now) } }
  func timeToLive(_ name: String, at now: UInt64) -> TimeToLive { withKey(name) { timeToLive(name: $0, now: now) } }
  func persist(_ name: String, at now: UInt64) -> Bool { withKey(name) { persist(name: $0, now: now) } }
  func expire(
    _ name: String, atDeadline deadline: UInt64, if condition: ExpireCondition = .none, at now: UInt64
  ) -> Bool {
    withKey(name) { expire(name: $0, at: deadline, if: condition, now: now) }
  }

  /// A whole SET of a version's bytes. Nil when it was dropped, else whether it was stored.
  @discardableResult
  func set(
    _ name: String, length: Int, version: Int = 0, _ options: SetOptions = SetOptions(), at now: UInt64
  ) -> Bool? {
    set(name, length: length, options, at: now) { $0.write(version: version, until: length, now: now) }
  }

  /// A whole SET of these bytes.
  @discardableResult
  func set(_ name: String, _ bytes: [UInt8], _ options: SetOptions = SetOptions(), at now: UInt64) -> Bool? {
    set(name, length: bytes.count, options, at: now) { $0.write(bytes, now: now) }
  }

  private func set(
    _ name: String, length: Int, _ options: SetOptions, at now: UInt64, write: (inout Reservation) -> Void
  ) -> Bool? {
    guard var reservation = begin(name: name, length: length, at: now) else { return nil }
    while true {
      switch reservation.extend(to: length, now: now) {
      case .ready:
        write(&reservation)
        var burst = TouchBurst()
        return reservation.publish(now: now, burst: &burst, options: options).isStored
      case .wait: continue
      case .drop(let reason):
        reservation.abandon(reason)
        return nil
      }
    }
  }

  /// All names of one whole scan, in its order.
  func scan(count: Int = 10, at now: UInt64, between: () -> Void = {}) -> [String] {
    var names: [String] = []
    var cursor: UInt64 = 0
    repeat {
      cursor = scan(from: cursor, count: count, bytesMax: 1_000_000, now: now) { name in
        names.append(name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
      }
      between()
    } while cursor != 0
    return names
  }
}

extension Reservation {
  mutating func write(_ bytes: [UInt8], now: UInt64) {
    var vector = iovec()
    while received < bytes.count {
      let count = withUnsafeMutablePointer(to: &vector) {
        regions(
          from: received, max: bytes.count - received, into: UnsafeMutableBufferPointer(start: $0, count: 1))
      }
      precondition(count == 1)
      bytes.withUnsafeBytes { _ = memcpy(vector.iov_base, $0.baseAddress! + received, vector.iov_len) }
      advance(by: vector.iov_len, now: now)
    }
  }
}

extension MetadataBytes {
  var array: [UInt8] { withBytes { $0.withUnsafeBytes { Array($0) } } }
}

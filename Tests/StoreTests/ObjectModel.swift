import Base
import Foundation
import Testing

@testable import Objects
@testable import Store

/// The store and its model: each step changes both and compares them.
final class ObjectModel {
  struct Value {
    var version: Int
    var length: Int
  }

  struct Unit {
    var value: Value?
    /// Of an object only; with `value` they match each other.
    var metadata: [UInt8]?
    var deadline: UInt64 = 0
    var promisedUntil: UInt64 = 0
    var firstAsked: UInt64?

    var isObject: Bool { value != nil && metadata != nil }
  }

  enum Slot: Hashable {
    case whole
    case object
    case odd(Int)

    var number: Int {
      switch self {
      case .whole: 0
      case .object: 1
      case .odd(let style): 2 + style
      }
    }
  }

  enum Part: Int {
    case whole
    case bytes
    case metadata
  }

  struct Name {
    var key: String
    var part: Part
    var style: Int

    var text: String {
      let half = part == .bytes ? "kv_bytes" : "metadata"
      if part == .whole { return key }
      return ["\(key)\(half)", "\(key):\(half)", "{\(key)}:\(half)"][style]
    }
  }

  let store: Store
  let lane: Lane
  let isTight: Bool
  var random: SplitMix64
  var now: UInt64 = 1_000 * second
  var versions = 0
  var keys: [String: [Slot: Unit]] = [:]
  var shownCount = 0
  let names: [String]

  init(seed: UInt64, mebibytes: Int, isTight: Bool) throws {
    store = try Store.make(mebibytes: mebibytes, clients: 64, policy: seed % 2 == 0 ? .lru : .returns)
    lane = store.lane(0)
    self.isTight = isTight
    random = SplitMix64(seed: seed)
    names = (0..<12).map { $0 < 10 ? "k\($0)" : String(repeating: "long\($0)", count: $0 == 10 ? 60 : 900) }
  }

  func step() {
    now += UInt64(random.pick(0...40)) * 1_000_000
    expire()
    switch random.pick(0...99) {
    case 0...29: set()
    case 30...39: putByLM()
    case 40...54: get()
    case 55...64: exists()
    case 65...71: askByLM()
    case 72...76: remove()
    case 77...82: changeTime()
    case 83...88: askTime()
    case 89: now += UInt64(random.pick(0...40)) * second
    case 90...93: lane.flush(now: now)
    case 94...97: scan()
    case 98: if random.chance(perMille: 300) { flushAll() }
    default: store.populate()
    }
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.usedBytes <= snapshot.budgetBytes)
  }

  func finish() {
    #expect(shownCount > 100, "the sequence showed something")
    #expect(lane.counters.leasesBroken.value == 0)
    flushAll()
    store.checkInvariants()
    let snapshot = store.snapshot()
    #expect(snapshot.objects == 0 && snapshot.pageBytes == 0 && snapshot.leasedBytes == 0)
    #expect(snapshot.inFlightBytes == 0 && snapshot.keyBytes == 0)
  }

  func flushAll() {
    for stripe in 0..<Lane.stripeCount { lane.removeAll(stripe: stripe) }
    keys = [:]
    #expect(lane.nameCount() == 0)
  }
}

extension Lane {
  /// The living entries of a key: plain, object or part of one, plain metadata by style.
  func slots(of key: String, at now: UInt64) -> [Int: ValueKind] {
    Array(key.utf8).withUnsafeBytes { key in
      transact(on: key, now: now) { key in
        var slots: [Int: ValueKind] = [:]
        for number in 0..<UInt8(ValueKind.count) {
          let kind = ValueKind(rawValue: number)
          guard key.entry(kind) != nil else { continue }
          let slot = kind == .plain ? 0 : KindSet.object.contains(kind) ? 1 : Int(number) - 1
          #expect(slots.updateValue(kind, forKey: slot) == nil, "an object is whole or a part")
        }
        return slots
      }
    }
  }

  /// Runs until every expired entry is removed.
  func sweepAll(now: UInt64) { for _ in 0..<8 { flush(now: now) } }
}

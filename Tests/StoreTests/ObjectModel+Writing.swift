import Base
import Foundation
import Testing
import Wire

@testable import Objects
@testable import Store

/// Steps that store something.
extension ObjectModel {
  func name() -> Name {
    Name(
      key: names[random.pick(0...names.count - 1)], part: Part(rawValue: random.pick(0...2))!,
      style: random.pick(0...2))
  }

  func length() -> Int {
    switch random.pick(0...9) {
    case 0: 0
    case 1...5: 2 * 10 * random.pick(1...3)
    case 6...7: random.pick(1...3000)
    default: random.pick(1...(isTight ? 900_000 : 200_000))
    }
  }

  func meta(length: Int) -> ObjectMeta {
    let shape: (Int32, Int32, Int32, Int32) =
      length > 0 && length % 20 == 0 ? (10, Int32(length / 20), 0, 0) : (3, 5, 0, 0)
    return ObjectMeta(format: [1, 1, 2, 5][random.pick(0...3)], type: 3, shape: shape)
  }

  func set() {
    var name = name()
    if name.part == .whole { name.style = 0 }
    versions += 1
    var options = SetOptions(condition: [.none, .none, .none, .onlyIfAbsent, .onlyIfPresent][random.pick(0...4)])
    switch random.pick(0...5) {
    case 0: options.deadline = .at(now + UInt64(random.pick(1...20_000)) * 1_000_000)
    case 1: options.deadline = .kept
    default: break
    }
    if name.part == .metadata, random.chance(perMille: 700) {
      let held = keys[name.key]?[.object]?.value?.length ?? 20 * random.pick(1...3)
      let stated = random.chance(perMille: 800) ? held : held + 20
      let bytes = metadata(
        length: stated, meta(length: stated), groups: random.pick(0...3) == 0 ? random.pick(2...12) : 1)
      settle(name, options, length: bytes.count, write: { $0.write(bytes, now: now) }) {
        self.describe(name, bytes, stated: stated, $0)
      }
    } else {
      var length = length()
      if name.part == .metadata, ObjectMeta.groupCount(inBytes: length) != nil { length += 1 }
      if name.part == .bytes, random.chance(perMille: 600), let metadata = keys[name.key]?[.object]?.metadata {
        length = Int(metadata[0]) | Int(metadata[1]) << 8 | Int(metadata[2]) << 16
      }
      let value = Value(version: versions, length: length)
      settle(name, options, length: length, write: { $0.write(version: value.version, until: length, now: now) }) {
        self.store(name, value, $0)
      }
    }
  }

  func settle(
    _ name: Name, _ options: SetOptions, length: Int, write: (inout Reservation) -> Void, apply: (UInt64) -> Void
  ) {
    guard let reservation = filled(lane.begin(name: name.text, length: length, at: now), length, write) else { return }
    // Room has been made; nothing is evicted from here on.
    sync(name.key)
    let wasPresent = visible(name) != nil
    let kept = unit(name)?.deadline ?? 0
    var burst = TouchBurst()
    let isStored = reservation.publish(now: now, burst: &burst, options: options).isStored
    #expect(isStored == (options.condition == .none || wasPresent == (options.condition == .onlyIfPresent)))
    guard isStored else { return sync(name.key) }
    switch options.deadline {
    case .never: apply(0)
    case .kept: apply(kept)
    case .at(let time): apply(time / 1_000_000)
    }
    sync(name.key)
  }

  /// A reservation with all its bytes; nil when it was dropped.
  func filled(
    _ reservation: consuming Reservation?, _ length: Int, _ write: (inout Reservation) -> Void
  ) -> Reservation? {
    guard var reservation else {
      #expect(isTight, "a roomy store drops nothing")
      return nil
    }
    while true {
      switch reservation.extend(to: length, now: now) {
      case .ready:
        write(&reservation)
        return reservation
      case .wait: continue
      case .drop(let reason):
        #expect(isTight, "a roomy store drops nothing")
        reservation.abandon(reason)
        return nil
      }
    }
  }

  func putByLM() {
    let key = names[random.pick(0...9)]
    versions += 1
    let value = Value(version: versions, length: length())
    let meta = random.chance(perMille: 700) ? meta(length: value.length) : nil
    let write: (inout Reservation) -> Void = { $0.write(version: value.version, until: value.length, now: self.now) }
    let begun = lane.begin(key, length: value.length, meta: meta, at: now)
    guard let reservation = filled(begun, value.length, write) else {
      // Of an old value only one of the same shape may stay.
      let held = lane.slots(of: key, at: now)
      for slot in [Slot.whole, .object] where held[slot.number] == nil { keys[key]?[slot] = nil }
      return
    }
    sync(key)
    var burst = TouchBurst()
    reservation.publish(now: now, burst: &burst)
    defer { sync(key) }
    guard let meta else { return store(Name(key: key, part: .whole, style: 0), value, 0) }
    keys[key] = [.object: Unit(value: value, metadata: metadata(length: value.length, meta))]
    // This look is a fetch and settles the promise.
    #expect(lane.has(key, .withMeta, at: now))
  }
}

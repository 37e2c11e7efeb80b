import Base
import Foundation
import Testing

@testable import Objects
@testable import Store

/// The rules of proto/objects.md for names.
extension ObjectModel {
  func hasPassed(_ deadline: UInt64) -> Bool { deadline != 0 && now / 1_000_000 >= deadline }

  func expire() {
    for (key, slots) in keys { keys[key] = slots.filter { !hasPassed($0.value.deadline) } }
  }

  func isPlain(_ unit: Unit) -> Bool {
    guard let value = unit.value, let metadata = unit.metadata, metadata.count == 28 else { return false }
    let numbers = stride(from: 0, to: 28, by: 4).map { offset in
      metadata[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // The only shapes that occur here are of two dimensions, in elements of two bytes.
    return ![0, 4, 5].contains(numbers[1]) && numbers[3] * numbers[4] * 2 == value.length
  }

  /// The slot of a name.
  func visible(_ name: Name) -> Slot? {
    let slots = keys[name.key] ?? [:]
    let object = slots[.object]
    switch name.part {
    case .whole:
      if slots[.whole] != nil { return .whole }
      return object.map(isPlain) == true ? .object : nil
    case .bytes: return object?.value != nil ? .object : nil
    case .metadata:
      if object?.isObject == true { return .object }
      return slots[.odd(name.style)] != nil ? .odd(name.style) : nil
    }
  }

  func unit(_ name: Name) -> Unit? { visible(name).flatMap { keys[name.key]?[$0] } }

  /// Evicted entries leave the model, too: none was promised, and a roomy store evicts nothing. The rest is as in the
  /// model, half by half.
  func sync(_ key: String) {
    let held = lane.slots(of: key, at: now)
    for (slot, unit) in keys[key] ?? [:] where held[slot.number] == nil {
      #expect(isTight, "nothing goes in a roomy store")
      #expect(unit.promisedUntil < now, "what was promised is there")
      keys[key]?[slot] = nil
    }
    let expected = (keys[key] ?? [:]).map { ($0.key.number, kind($0.key, $0.value)) }
    #expect(held == Dictionary(uniqueKeysWithValues: expected))
  }

  func kind(_ slot: Slot, _ unit: Unit) -> ValueKind {
    switch slot {
    case .whole: .plain
    case .odd(let style): .plainMetadata(ObjectName.Style(rawValue: UInt8(style))!)
    case .object: unit.isObject ? .withMeta : unit.value != nil ? .bytesAlone : .hidden
    }
  }

  // MARK: The effect of a SET

  func noteAsked(_ key: String, _ slot: Slot) {
    let first = keys[key]![slot]!.firstAsked ?? now
    keys[key]![slot]!.firstAsked = first
    // The promise may last longer, but not beyond the lease.
    if now + 5 * second <= first + 30 * second { keys[key]![slot]!.promisedUntil = now + 5 * second }
  }

  func noteFetched(_ key: String, _ slot: Slot) {
    keys[key]![slot]!.promisedUntil = 0
    keys[key]![slot]!.firstAsked = nil
  }

  /// The promise of the entries that a new value replaces. If several have one, the longest is unknown, and the model
  /// does not count on the new value's promise.
  func promise(_ key: String, _ slots: [Slot]) -> (UInt64, UInt64?) {
    let told = slots.compactMap { keys[key]?[$0] }.filter { $0.firstAsked != nil }
    guard let one = told.max(by: { $0.promisedUntil < $1.promisedUntil }) else { return (0, nil) }
    return (one.promisedUntil, told.compactMap(\.firstAsked).min())
  }

  func store(_ name: Name, _ value: Value, _ deadline: UInt64) {
    var unit = Unit(value: value, deadline: deadline)
    let odd = [Slot.odd(0), .odd(1), .odd(2)]
    switch name.part {
    case .whole:
      let object = keys[name.key]?[.object]
      (unit.promisedUntil, unit.firstAsked) = promise(
        name.key, object?.isObject == true ? [.whole, .object] : [.whole])
      if object?.isObject == true { keys[name.key]?[.object] = nil }
      keys[name.key, default: [:]][.whole] = unit
    case .bytes:
      (unit.promisedUntil, unit.firstAsked) = promise(name.key, [.object])
      if let held = keys[name.key]?[.object], let metadata = held.metadata, stated(metadata) == value.length {
        unit.metadata = metadata
        if held.value == nil { unit.deadline = sooner(deadline, held.deadline) }
      }
      if unit.isObject {
        (unit.promisedUntil, unit.firstAsked) = promise(name.key, [.object, .whole] + odd)
        for slot in [Slot.whole] + odd { keys[name.key]?[slot] = nil }
      }
      keys[name.key, default: [:]][.object] = unit
    case .metadata:
      (unit.promisedUntil, unit.firstAsked) = promise(name.key, [.odd(name.style)])
      if keys[name.key]?[.object]?.value == nil { keys[name.key]?[.object] = nil }
      keys[name.key]?[.object]?.metadata = nil
      keys[name.key, default: [:]][.odd(name.style)] = unit
    }
  }

  func stated(_ metadata: [UInt8]) -> Int {
    metadata[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func sooner(_ one: UInt64, _ other: UInt64) -> UInt64 {
    one == 0 || other == 0 ? max(one, other) : min(one, other)
  }

  func describe(_ name: Name, _ bytes: [UInt8], stated: Int, _ deadline: UInt64) {
    if let value = keys[name.key]?[.object]?.value {
      if value.length == stated {
        let held = keys[name.key]![.object]!
        keys[name.key]![.object]!.metadata = bytes
        keys[name.key]![.object]!.deadline = sooner(held.deadline, deadline)
        for slot in [Slot.whole, .odd(0), .odd(1), .odd(2)] { keys[name.key]?[slot] = nil }
      } else {
        keys[name.key]![.object]!.metadata = nil
      }
    } else {
      keys[name.key, default: [:]][.object] = Unit(metadata: bytes, deadline: deadline)
    }
    keys[name.key]?[.odd(name.style)] = nil
  }
}

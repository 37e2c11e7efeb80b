import Base
import Foundation
import Testing

@testable import Objects
@testable import Store

/// Steps that ask, delete and set deadlines.
extension ObjectModel {
  func get() {
    let name = name()
    sync(name.key)
    guard let found = lane.find(name: name.text, at: now) else {
      return #expect(visible(name) == nil, "it is there: \(name.text.prefix(40))")
    }
    guard let slot = visible(name), let unit = keys[name.key]?[slot] else {
      Issue.record("shows what is not there: \(name.text.prefix(40))")
      return
    }
    shownCount += 1
    switch consume found {
    case .metadata(let bytes):
      #expect(name.part == .metadata && unit.metadata == bytes.array)
      noteAsked(name.key, slot)
    case .away: Issue.record("there is no device")
    case .bytes(let pin):
      noteFetched(name.key, slot)
      let isExact = unit.value.map { pin.length == $0.length && pin.holds(version: $0.version) } ?? false
      #expect(isExact, "the bytes are the last ones: \(name.text.prefix(40))")
    }
  }

  func exists() {
    let name = name()
    sync(name.key)
    guard lane.exists(name: name.text, at: now) else {
      return #expect(visible(name) == nil, "one client alone is never told no")
    }
    guard let slot = visible(name) else {
      Issue.record("what is not there exists: \(name.text.prefix(40))")
      return
    }
    shownCount += 1
    noteAsked(name.key, slot)
  }

  func askByLM() {
    let key = names[random.pick(0...9)]
    sync(key)
    let kind = random.chance(perMille: 700) ? ValueKind.withMeta : .plain
    let slot = kind == .withMeta ? Slot.object : .whole
    let held = keys[key]?[slot]
    // Its replies have room for the shape of one KV group.
    let isThere = kind == .withMeta ? held?.isObject == true && held?.metadata?.count == 28 : held != nil
    var burst = TouchBurst()
    guard let pin = lane.find(key, kind, at: now, &burst) else { return #expect(!isThere, "lm sees what is there") }
    #expect(isThere, "lm sees what is not there: \(key)")
    guard let held, let value = held.value else { return }
    let (length, meta) = (pin.length, pin.meta)
    #expect(length == value.length && (meta == nil) == (kind == .plain))
    if let meta { #expect(metadata(length: length, meta) == Array(held.metadata![..<28])) }
    let isExact = pin.holds(version: value.version)
    #expect(isExact)
    shownCount += 1
    noteFetched(key, slot)
    #expect(lane.exists(key, kind, at: now, &burst))
    noteAsked(key, slot)
  }

  func remove() {
    let name = name()
    sync(name.key)
    let slot = visible(name)
    #expect(lane.remove(name: name.text, at: now) == (slot != nil))
    if let slot { keys[name.key]?[slot] = nil }
    // Waiting metadata is deleted with its future name.
    if name.part == .metadata, slot == nil, let waiting = keys[name.key]?[.object], waiting.value == nil {
      keys[name.key]?[.object] = nil
    }
    sync(name.key)
  }

  func changeTime() {
    let name = name()
    sync(name.key)
    let slot = visible(name)
    if random.chance(perMille: 300) {
      let hadDeadline = lane.persist(name.text, at: now)
      #expect(hadDeadline == (slot.map { keys[name.key]![$0]!.deadline != 0 } ?? false))
      if let slot { keys[name.key]![slot]!.deadline = 0 }
      return
    }
    let deadline = now + UInt64(random.pick(0...30_000)) * 1_000_000
    #expect(lane.expire(name.text, atDeadline: deadline, at: now) == (slot != nil))
    if let slot { keys[name.key]![slot]!.deadline = deadline / 1_000_000 }
    expire()
    sync(name.key)
  }

  func askTime() {
    let name = name()
    sync(name.key)
    let left = lane.timeToLive(name.text, at: now)
    let length = lane.length(name: name.text, at: now)
    guard let unit = unit(name) else { return #expect(length == nil && left == .absent) }
    let remaining = Int(unit.deadline) - Int(now / 1_000_000)
    #expect(left == (unit.deadline == 0 ? .unlimited : .milliseconds(remaining)))
    let isMetadata = name.part == .metadata && visible(name) == .object
    #expect(length == (isMetadata ? unit.metadata?.count : unit.value?.length))
  }

  /// Every name once, and no others.
  func scan() {
    for key in names { sync(key) }
    let seen = lane.scan(count: random.pick(1...40), at: now)
    #expect(Set(seen).count == seen.count)
    let units = keys.values.flatMap(\.values)
    #expect(seen.count == units.reduce(0) { $0 + ($1.isObject ? 2 : $1.value != nil ? 1 : 0) })
    for name in seen { #expect(lane.length(name: name, at: now) != nil, "what SCAN shows is there") }
    lane.sweepAll(now: now)
    #expect(lane.nameCount() == seen.count, "DBSIZE counts what SCAN shows")
  }
}

import Base
import Objects
import Testing

@testable import Store

@Suite struct ChangeLogTests {
  /// One reader: the changes since it read last as texts, nil where it is to take stock anew.
  private struct Reader {
    var position = ChangeLog.Position()
    var batch: ChangeBatch

    init(countMax: Int = 512) { batch = ChangeBatch(countMax: countMax) }

    mutating func next(_ log: ChangeLog) -> [String]? {
      guard log.read(&batch, from: &position) else { return nil }
      var texts: [String] = []
      batch.forEach { change, key in
        texts.append("\(change.sequence) \(change.event) \(String(decoding: key, as: UTF8.self))")
      }
      return texts
    }
  }

  private func note(_ log: ChangeLog, _ event: ChangeEvent, _ key: String) {
    Array(key.utf8).withUnsafeBytes { key in
      log.append(event, .withMeta, keyLength: key.count) { $0.copyMemory(from: key) }
    }
  }

  @Test func everyReaderReadsAllInOrder() {
    let log = ChangeLog()
    var (one, other) = (Reader(), Reader(countMax: 1))
    note(log, .published, "a")
    note(log, .removed, "a")
    let seen = [one.next(log), one.next(log)]
    #expect(seen == [["0 published a", "1 removed a"], []])
    let long = String(repeating: "k", count: Limits.nameBytesMax)
    note(log, .replaced, long)
    let last = one.next(log)
    #expect(last == ["2 replaced " + long])
    let slowly = [other.next(log), other.next(log), other.next(log)]
    #expect(slowly == [["0 published a"], ["1 removed a"], last])
    #expect(one.position == other.position)
  }

  /// Whatever a reader's pace, it reads every change once or is told that it lost some.
  @Test func aReaderThatFellBehindIsToldSo() {
    let log = ChangeLog(byteCount: 64)
    var (random, reader) = (SplitMix64(seed: 4), Reader(countMax: 3))
    var (written, expected, losses) = (0, 0, 0)
    for _ in 0..<2000 {
      for _ in 0..<random.pick(0...4) {
        note(log, .published, String(repeating: "k", count: random.pick(1...20)))
        written += 1
      }
      for _ in 0..<random.pick(0...3) {
        guard let texts = reader.next(log) else {
          losses += 1
          expected = written
          continue
        }
        for text in texts {
          #expect(text.hasPrefix("\(expected) published k"))
          expected += 1
        }
      }
    }
    #expect(losses > 20 && written > 3000)
  }

  /// The log, applied in order, tells which values of every kind the store holds.
  @Test func theStoreLogsEveryChange() throws {
    var configuration = StoreConfiguration(budgetBytes: 4 << 20, leaseSeconds: 0, hashSeed: 3)
    configuration.notesChanges = true
    let store = try Store(configuration)
    while store.populateAhead() {}
    let lane = store.lane(0)
    let log = try #require(store.changes)
    var (random, reader) = (SplitMix64(seed: 9), Reader())
    var told: [ValueKind: Set<String>] = [.plain: [], .withMeta: []]
    var events: Set<ChangeEvent> = []
    for step in 0..<3000 {
      takeStep(lane, step, &random)
      let isWhole = log.read(&reader.batch, from: &reader.position)
      #expect(isWhole)
      reader.batch.forEach { change, key in
        let kind = change.kind
        events.insert(change.event)
        let name = String(decoding: key, as: UTF8.self)
        switch change.event {
        case .published:
          let isNew = told[kind]!.insert(name).inserted
          #expect(isNew)
        case .replaced: #expect(told[kind]!.contains(name))
        case .removed, .evicted, .expired, .flushed:
          let wasKnown = told[kind]!.remove(name) != nil
          #expect(wasKnown)
        case .missed: Issue.record("the store has no news of what it does not hold")
        }
      }
    }
    for kind in [ValueKind.plain, .withMeta] {
      var held: Set<String> = []
      for stripe in 0..<Lane.stripeCount {
        lane.forEachKey(stripe: stripe, kind: kind, now: 0) { key in
          held.insert(key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
      }
      #expect(told[kind] == held && !held.isEmpty)
    }
    #expect(events == [.published, .replaced, .removed, .evicted, .expired, .flushed])
  }

  private func takeStep(_ lane: Lane, _ step: Int, _ random: inout SplitMix64) {
    let (key, now) = ("key \(random.pick(0...60))", UInt64(step) * 1_000_000)
    switch random.pick(0...99) {
    case 0..<15: _ = lane.remove(key)
    case 15..<20: _ = withKey(key) { lane.expire(name: $0, at: now + 1_000_000, now: now) }
    case 20: lane.removeAll(stripe: random.pick(0...Lane.stripeCount - 1))
    case 21..<30: lane.put(key, length: random.pick(1...150_000), at: now)
    default:
      let length = random.pick(1...150_000)
      lane.put(key, length: length, meta: ObjectMeta(format: 1, type: 3, shape: (1, 1, 1, Int32(length))), at: now)
    }
    lane.flush(now: now)
  }
}

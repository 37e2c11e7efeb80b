import Base
import Testing

@testable import Store

@Suite struct ChangeQueueTests {
  private func notes(_ queue: ChangeQueue) -> [String]? {
    var bytes: [UInt8] = []
    guard queue.take(into: &bytes) else { return nil }
    var texts: [String] = []
    var offset = 0
    while let note = ChangeQueue.note(in: bytes, at: offset) {
      texts.append((note.change == .published ? "+" : "-") + String(decoding: bytes[note.key], as: UTF8.self))
      offset = note.next
    }
    return texts
  }

  private func note(_ queue: ChangeQueue, _ change: KeyChange, _ key: String) {
    Array(key.utf8).withUnsafeBytes { queue.note(change, $0) }
  }

  @Test func notesComeOutInOrderAndOnce() {
    let queue = ChangeQueue()
    note(queue, .published, "a")
    note(queue, .gone, "a")
    note(queue, .published, String(repeating: "k", count: 150))
    #expect(notes(queue) == ["+a", "-a", "+" + String(repeating: "k", count: 150)])
    #expect(notes(queue) == [])
  }

  @Test func whatDoesNotFitIsSaidOnce() {
    let queue = ChangeQueue(byteCount: 10)
    for _ in 0..<3 { note(queue, .published, "ab") }
    #expect(notes(queue) == nil)
    note(queue, .gone, "b")
    #expect(notes(queue) == ["-b"])
  }

  /// The store's notes, applied in order, tell which objects it holds.
  @Test func theStoreTellsOfEveryChange() throws {
    var configuration = StoreConfiguration(budgetBytes: 4 << 20, leaseSeconds: 0, hashSeed: 3)
    configuration.notesChanges = true
    let store = try Store(configuration)
    while store.populateAhead() {}
    let lane = store.lane(0)
    let changes = try #require(store.changes)
    var burst = TouchBurst()
    var random = SplitMix64(seed: 9)
    var told: Set<String> = []
    for step in 0..<2000 {
      let key = "key \(random.pick(0...60))"
      let bytes = Array(key.utf8)
      if random.chance(perMille: 200) {
        _ = lane.remove(key: bytes.span.bytes)
      } else {
        let length = random.pick(1...150_000)
        // A plain value of the same name is nothing that engines ask for.
        let meta = random.chance(perMille: 100) ? nil : ObjectMeta(format: 1, type: 3, shape: (1, 1, 1, Int32(length)))
        if var body = lane.begin(key: bytes.span.bytes, length: length, meta: meta, now: UInt64(step)) {
          if body.extend(to: length, now: UInt64(step)) == .ready {
            body.advance(by: length, now: UInt64(step))
            body.publish(now: UInt64(step), burst: &burst)
          }
        }
      }
      for note in try #require(notes(changes)) {
        if note.hasPrefix("+") { told.insert(String(note.dropFirst())) } else { told.remove(String(note.dropFirst())) }
      }
    }
    var held: Set<String> = []
    for stripe in 0..<Lane.stripeCount {
      lane.forEachKey(stripe: stripe, kind: .withMeta, now: 0) { key in
        held.insert(key.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
      }
    }
    #expect(told == held)
    #expect(!held.isEmpty && held.count < 61)
  }
}

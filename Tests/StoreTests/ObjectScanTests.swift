import Base
import Testing

@testable import Objects
@testable import Store

/// A name that exists during the whole scan is shown, whatever happens to the tables.
@Suite struct ObjectScanTests {
  @Test func aQuietStoreShowsEveryNameOnce() throws {
    let lane = try Store.make(mebibytes: 32).lane(0)
    #expect(lane.scan(at: 0).isEmpty)
    let names = Set((0..<3000).map { "name\($0)" })
    for name in names { lane.set(name, length: 1, at: 0) }
    for count in [1, 10, 5000] {
      let seen = lane.scan(count: count, at: 0)
      #expect(seen.count == names.count && Set(seen) == names)
    }
  }

  @Test func aSmallStoreIsSeenInOneCall() throws {
    let lane = try Store.make(mebibytes: 8).lane(0)
    for number in 0..<5 { lane.set("name\(number)", length: 1, at: 0) }
    var seen = 0
    #expect(lane.scan(from: 0, count: 10, bytesMax: 1000, now: 0) { _ in seen += 1 } == 0)
    #expect(seen == 5)
  }

  @Test func oneCallIsBounded() throws {
    let lane = try Store.make(mebibytes: 64).lane(0)
    for number in 0..<20_000 { lane.set("name\(number)", length: 1, at: 0) }
    for (count, bytes) in [(10, 1_000_000), (1_000_000, 500), (300, 1_000_000)] {
      var seen = 0
      var size = 0
      let next = lane.scan(from: 0, count: count, bytesMax: bytes, now: 0) {
        seen += 1
        size += $0.byteCount
      }
      #expect(next != 0 && seen > 0 && seen < count + 20 && size < bytes + 200)
    }
    #expect(lane.scan(from: .max, count: 10, bytesMax: 10, now: 0) { _ in } == 0, "nobody's cursor")
    #expect(lane.scan(from: 64 << 32, count: 10, bytesMax: 10, now: 0) { _ in } == 0)
    _ = lane.scan(from: 63 << 32 | 0xFFFF_FFFF, count: 10, bytesMax: 10, now: 0) { _ in }
  }

  /// Tables double several times during the scan; other names come and go on every step.
  @Test(arguments: 1...8)
  func whatStaysIsShown(seed: Int) throws {
    // There is room for all.
    let lane = try Store.make(mebibytes: 64).lane(0)
    var random = SplitMix64(seed: UInt64(seed))
    let staying = Set((0..<500).map { "stays\($0)" })
    for name in staying { lane.set(name, length: 1, at: 0) }
    for number in 0..<1000 { lane.set("goes\(number)", length: 1, at: 0) }
    var (born, gone) = (0, 0)
    let seen = lane.scan(count: 20, at: 0) {
      for _ in 0..<random.pick(0...150) where born < 10_000 {
        lane.set("born\(born)", length: 1, at: 0)
        born += 1
      }
      for _ in 0..<random.pick(0...30) where gone < 1000 {
        _ = lane.remove(name: "goes\(gone)", at: 0)
        gone += 1
      }
      // Rewriting moves a name to another record.
      lane.set("stays\(random.pick(0...499))", length: 2, at: 0)
    }
    #expect(born > 2000, "the tables grew")
    #expect(Set(seen).isSuperset(of: staying))
  }

  @Test func theOrderCoversEverySizeOnce() throws {
    for capacity in [16, 64, 1024] {
      var cursor = try #require(WalkCursor(0))
      var homes: [Int] = []
      while cursor.stripe == 0 {
        homes.append(cursor.home(capacity: capacity))
        cursor.advance(capacity: capacity)
        #expect(WalkCursor(cursor.number) == cursor)
      }
      #expect(homes.sorted() == Array(0..<capacity))
    }
  }
}

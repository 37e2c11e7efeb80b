import Base
import Testing

@testable import Policy

/// What the order of last use would find, beside that order.
@Suite struct LastUseShadowTests {
  /// As many chunks as fit by their last use, the latest one last.
  private struct Stack {
    let room: Int
    private var order: [UInt64] = []

    init(room: Int) { self.room = room }

    /// Whether it was there.
    mutating func use(_ hash: UInt64) -> Bool {
      // From the end, and without the slowness of a debug build.
      let place = order.withUnsafeBufferPointer { order in
        var place = order.count - 1
        while place >= 0, order[place] != hash { place -= 1 }
        return place
      }
      if place >= 0 { order.remove(at: place) } else if order.count == room { order.removeFirst() }
      order.append(hash)
      return place >= 0
    }
  }

  /// Some more often than others: the smaller of two.
  private static func pick(_ random: inout SplitMix64, of count: Int) -> UInt64 {
    let number = min(random.pick(0...count - 1), random.pick(0...count - 1))
    return UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
  }

  /// Where all are in the sample, it says the same of each.
  @Test(arguments: 0..<4)
  func ofASmallRoomItKnowsAll(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let room = random.pick(1...300)
    var (shadow, stack) = (LastUseShadow(), Stack(room: room))
    var wrong = 0
    // More places than there are, so that they are packed.
    for _ in 0..<6000 {
      let hash = Self.pick(&random, of: 600)
      let wouldBeFound = shadow.note(hash, fitting: room)
      if wouldBeFound != stack.use(hash) { wrong += 1 }
    }
    #expect(wrong == 0 && shadow.shift == 0)
    #expect(shadow.uses.reduce(0, +) == 6000, "each is counted")
  }

  /// What was used longest ago is dropped, and so is not found.
  @Test func ofMoreThanItHoldsItKnowsTheLatest() {
    var (shadow, stack) = (LastUseShadow(), Stack(room: 1000))
    var random = SplitMix64(seed: 1)
    var wrong = 0
    for _ in 0..<9000 {
      let hash = Self.pick(&random, of: 4000)
      let wouldBeFound = shadow.note(hash, fitting: 1000)
      if wouldBeFound != stack.use(hash) { wrong += 1 }
    }
    #expect(wrong == 0 && shadow.shift == 0)
  }

  @Test(arguments: 0..<3)
  func ofALargeRoomASampleTells(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (room, count, steps) = (2500, 8000, 15_000)
    var (shadow, stack) = (LastUseShadow(), Stack(room: room))
    var (found, sampled, sampledFound) = (0, 0, 0)
    for step in 0..<steps {
      let hash = Self.pick(&random, of: count) &+ seed
      let wouldBeFound = shadow.note(hash, fitting: room)
      let isFound = stack.use(hash)
      // Once it has seen some.
      guard step > steps / 4 else { continue }
      if isFound { found += 1 }
      guard let wouldBeFound else { continue }
      sampled += 1
      if wouldBeFound { sampledFound += 1 }
    }
    #expect(shadow.shift == 2)
    let weight = 1 << shadow.shift
    let seen = steps * 3 / 4
    #expect(abs(sampled * weight - seen) < seen / 8, "\(sampled) of \(seen)")
    #expect(abs(sampledFound * weight - found) < found / 8, "\(sampledFound) of \(found)")
  }

  /// As the store grows, fewer of its chunks are in the sample, and those that were known stay known.
  @Test func itThinsOutAsTheRoomGrows() {
    var shadow = LastUseShadow()
    let hashes = (1...40_000).map { UInt64($0) &* 0x9E37_79B9_7F4A_7C15 }
    var shifts: Set<Int> = []
    for (number, hash) in hashes.enumerated() {
      _ = shadow.note(hash, fitting: number + 1)
      shifts.insert(shadow.shift)
    }
    #expect(shifts == Set(0...shadow.shift) && shadow.shift == 6)
    let again = hashes.suffix(10_000).compactMap { shadow.note($0, fitting: 40_000) }
    #expect(again.count > 100 && again.allSatisfy { $0 })
    #expect(hashes.prefix(10_000).compactMap { shadow.note($0, fitting: 20_000) }.allSatisfy { !$0 })
  }

  /// It has no memory but that of its beginning.
  @Test func itTakesNoMoreThanIsBooked() {
    let places = 2 * PolicyLimits.shadowMax
    #expect(LastUseShadow.bytes >= places * (8 + 2 + 2 * 2))
    var shadow = LastUseShadow()
    for number in 0..<30_000 { _ = shadow.note(UInt64(number) &* 0xD6E8_FEB8_6659_FD93, fitting: 900) }
    #expect(shadow.uses.count == 2 * LastUseShadow.parts + 1)
    #expect(shadow.uses.last == 30_000, "none was seen before")
  }
}

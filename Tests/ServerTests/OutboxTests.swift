import Base
import Foundation
import IO
import Testing

@testable import Server
@testable import Store

/// The outbox against a model: the bytes in their order, and the values pinned for them.
@Suite(.serialized) struct OutboxTests {
  @Test(arguments: 0..<60)
  func bytesLeaveInOrderHoweverTheyAreTaken(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let model = try OutboxModel(seed: seed)
    // Some kernels take few bytes at a time, some all.
    let takenMax = [1, 40, 5000, 200_000, 10_000_000].randomElement(using: &random)!
    for _ in 0..<400 {
      while model.heldBytes > 10 << 20 { model.send(random.pick(1...1_000_000)) }
      switch random.pick(0...9) {
      case 0..<2: model.write(random.pick(1...40))
      case 2: model.write([100, 1000, 5000, 10_000].randomElement(using: &random)!)
      case 3..<5: model.appendValue([0, 1, 5000, 65_536, 65_537].randomElement(using: &random)!)
      case 5: model.appendValue(random.pick(0...300_000))
      case 6: if takenMax > 1_000_000 { model.appendValue(random.pick(1_000_000...3_000_000)) }
      default: model.send(random.pick(1...takenMax))
      }
      model.checkHeld()
    }
    model.sendAll()
  }

  /// A send may end anywhere: before, within and behind each header, value and region.
  @Test func everyPlaceToEndASendIsAsGood() throws {
    let model = try OutboxModel(seed: 1)
    for first in 1...700 {
      for value in [150, 1, 300] {
        model.write(28)
        model.appendValue(value)
      }
      model.write(165)
      model.send(first)
      model.checkHeld()
      model.sendAll()
    }
  }

  @Test func aPipelineOfValuesLeavesInOneSend() throws {
    for length in [4096, 32_768, 65_536 - 4096] {
      let model = try OutboxModel(seed: 1)
      for _ in 0..<Limits.gatheredValuesMax {
        model.write(36)
        model.appendValue(length)
      }
      #expect(model.send(.max) == Limits.gatheredValuesMax * (36 + length))
    }
    // Each has a page and a tail: the most regions that a slice can have.
    let model = try OutboxModel(seed: 1)
    for _ in 0..<8 {
      model.write(36)
      model.appendValue(2 * 65_536 - 4096)
    }
    #expect(model.send(.max) == 8 * (36 + 2 * 65_536 - 4096))
  }

  @Test func noSendIsLongerThanASlice() throws {
    let model = try OutboxModel(seed: 1)
    for length in [1_000_000, 3_000_000, 10, 2_000_000] {
      model.write(36)
      model.appendValue(length)
    }
    while !model.isEmpty { #expect(model.send(.max) <= Limits.sliceBytes + 4 * 36) }
  }

  /// Lent bytes are worth lending and have nothing behind them, and the stream stays the same.
  @Test(arguments: 0..<6)
  func largeValuesAreLent(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let model = try OutboxModel(seed: seed, lends: true)
    for _ in 0..<20 {
      while model.heldBytes > 6 << 20 { model.send(random.pick(1...1_500_000)) }
      model.write(36)
      model.appendValue(random.pick(1...300_000))
      model.write(36)
      model.appendValue([2 << 20, (4 << 20) + 1, random.pick(2_000_000...6_000_000)].randomElement(using: &random)!)
    }
    model.sendAll()
    #expect(model.lentBytes > 20 << 20)
  }

  @Test func whatIsNotSentIsLetGoAtTheEnd() throws {
    let model = try OutboxModel(seed: 1)
    for _ in 0..<20 { model.appendValue(3 * Limits.pageBytes) }
    model.send(5 * Limits.pageBytes)
    #expect(model.heldBytes == 19 * 3 * Limits.pageBytes)
    #expect(model.bookedBytes > 20 * 64, "what it needs to remember them is in the books")
    model.end()
    #expect(model.heldBytes == 0 && model.bookedBytes == 0)
  }
}

/// An outbox, with a copy of everything that was put in.
private final class OutboxModel {
  private let store: Store
  private let own = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.outboundBytes, alignment: 16)
  private let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: Limits.regionsPerTransfer)
  private var outbox: Outbox
  private var random: SplitMix64
  private var expected: [UInt8] = []
  private var sent = 0
  /// The ends of values in that copy, and the pages that they hold until then.
  private var values: [(end: Int, pageBytes: Int, isExact: Bool)] = []
  private var names = 0
  private let lends: Bool
  private(set) var lentBytes = 0

  init(seed: UInt64, lends: Bool = false) throws {
    self.lends = lends
    random = SplitMix64(seed: seed)
    store = try Store(
      StoreConfiguration(budgetBytes: 32 << 20, leaseSeconds: 0, hashSeed: seed, laneCount: 1, clientsMax: 4))
    outbox = Outbox(own: own, store: store)
  }

  deinit {
    own.deallocate()
    regions.deallocate()
  }

  var isEmpty: Bool { outbox.isEmpty }
  /// Every value is removed as soon as it is pinned: remaining pages are held by pins.
  var heldBytes: Int { store.snapshot().pageBytes }
  /// Taken beside pages.
  var bookedBytes: Int { store.snapshot().chargedBytes }

  func write(_ count: Int) {
    let bytes = noise(count)
    if count > 40 {
      bytes.withUnsafeBytes { outbox.append($0) }
    } else {
      outbox.write(room: count) { for byte in bytes { $0.append(byte) } }
    }
    expected += bytes
  }

  func appendValue(_ length: Int) {
    let bytes = noise(length)
    names += 1
    let key = Array("value \(names)".utf8)
    var burst = TouchBurst()
    var reservation = store.lane(0).begin(key: key.span.bytes, length: length, meta: nil, now: 1)!
    while reservation.received < length {
      let end = min(length, reservation.received + Limits.sliceBytes)
      guard makeRoom(&reservation, to: end) else { preconditionFailure("the budget is large enough") }
      let count = reservation.regions(from: reservation.received, max: end - reservation.received, into: regions)
      for region in regions[..<count] {
        bytes.withUnsafeBytes { _ = memcpy(region.iov_base, $0.baseAddress! + reservation.received, region.iov_len) }
        reservation.advance(by: region.iov_len, now: 1)
      }
    }
    reservation.publish(now: 1, burst: &burst)
    switch store.lane(0).find(key: key.span.bytes, kind: .plain, now: 1, burst: &burst) {
    case .memory(let pin): outbox.append(pin)
    case .absent: preconditionFailure("it was just stored")
    case .disk: preconditionFailure("there is none")
    }
    let removal = key.withUnsafeBytes { store.lane(0).removeAll(key: $0, now: 1) }
    precondition(removal.values == 1)
    expected += bytes
    let footprint = Footprint(length: length)
    values.append((expected.count, footprint.pages * Limits.pageBytes, footprint.units == 0))
  }

  private func makeRoom(_ reservation: inout Reservation, to end: Int) -> Bool {
    while true {
      switch reservation.extend(to: end, now: 1) {
      case .ready: return true
      case .wait: _ = store.populateAhead()
      case .drop: return false
      }
    }
  }

  /// A kernel that takes up to a number of bytes; returns how many it took.
  @discardableResult
  func send(_ most: Int) -> Int {
    guard !outbox.isEmpty else {
      #expect(sent == expected.count)
      return 0
    }
    let gathered = outbox.gather(into: regions, lends: lends)
    let count = gathered.count
    #expect(count > 0 && count <= regions.count && (lends || !gathered.isLent))
    if gathered.isLent {
      let lent = regions.byteCount(ofFirst: count) - regions.byteCount(ofFirst: gathered.copied)
      #expect(lent >= Limits.lentBytesMin && lent <= Limits.sliceBytes)
      lentBytes += lent
    }
    let offered = regions.byteCount(ofFirst: count)
    let taken = min(most, offered)
    var left = taken
    for region in regions[..<count] {
      let part = min(left, region.iov_len)
      let isSame = expected.withUnsafeBytes {
        sent + part <= $0.count && memcmp($0.baseAddress! + sent, region.iov_base, part) == 0
      }
      #expect(isSame, "\(part) bytes from \(sent) on")
      sent += part
      left -= part
    }
    outbox.drop(taken)
    return taken
  }

  func sendAll() {
    while !outbox.isEmpty { send(.max) }
    #expect(sent == expected.count)
    checkHeld()
    (expected, sent) = ([], 0)
    values.removeAll()
  }

  /// A value is held exactly until its last byte has left.
  func checkHeld() {
    let waiting = values.filter { $0.end > sent && $0.end > 0 }
    let whole = waiting.reduce(0) { $0 + $1.pageBytes }
    // Tails share pages with other values.
    let tails = waiting.filter { !$0.isExact }.count * Limits.pageBytes
    #expect(heldBytes >= whole && heldBytes <= whole + tails)
  }

  /// Ends the session, with bytes still waiting.
  func end() { outbox = Outbox(own: own, store: store) }

  private func noise(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var offset = 0
      while offset < count {
        var word = random.next()
        memcpy(buffer.baseAddress! + offset, &word, min(8, count - offset))
        offset += 8
      }
      filled = count
    }
  }
}

import Base
import Testing

@testable import Disk

@Suite struct RecoveryTests {
  @Test(arguments: 0..<40)
  func aStartFindsWhatWasWritten(seed: UInt64) {
    let device = ModelDevice(segments: 6, seed: seed)
    var found = 0
    for _ in 0..<20 {
      device.run(steps: 20, names: 40)
      let living = device.start()
      #expect(living == device.expected)
      found += living.count
    }
    #expect(found > 100, "there was nothing to be found")
  }

  /// Whatever one fault does: what a start finds is what was written last, or it is missing. Nothing older, and nothing
  /// that was deleted or flushed.
  @Test(arguments: 0..<40)
  func noSingleFaultBringsAnythingBack(seed: UInt64) {
    let device = ModelDevice(segments: 4, seed: seed)
    var random = SplitMix64(seed: seed &+ 2000)
    for _ in 0..<25 {
      device.run(steps: random.pick(1...12), names: 25)
      let before = device.files
      damage(device, &random)
      for (name, record) in device.start() {
        #expect(device.expected[name] == record, "\(String(decoding: name.key, as: UTF8.self))")
      }
      for file in before.indices { device.overwrite(file, at: 0, with: before[file]) }
      #expect(device.start() == device.expected)
    }
  }

  private func damage(_ device: ModelDevice, _ random: inout SplitMix64) {
    // One of the last writes, undone in the blocks that nobody has written since.
    let number = device.writes.count - random.pick(1...min(12, device.writes.count))
    let write = device.writes[number]
    let start = Int(write.block) * DiskFormat.blockBytes
    let isLast = Array(device.files[write.file][start..<start + write.after.count]) == write.after
    switch random.pick(0...3) {
    case 0 where isLast:
      device.overwrite(write.file, at: start, with: write.before)
    case 1 where isLast:
      let sectors = random.pick(0...write.after.count / 512)
      device.overwrite(write.file, at: start + sectors * 512, with: write.before[(sectors * 512)...])
    case 2 where isLast:
      device.overwrite(write.file, at: start, with: write.before)
      let file = random.pick(0...device.files.count - 1)
      let blocks = (device.files[file].count - write.after.count) / DiskFormat.blockBytes
      // Graves and headers are what is worth hitting.
      let block = random.pick(0...min(blocks, random.chance(perMille: 500) ? 4 : 63))
      device.overwrite(file, at: block * DiskFormat.blockBytes, with: write.after)
    default:
      let file = random.pick(0...device.files.count - 1)
      let byte = random.pick(0...device.files[file].count - 1)
      device.overwrite(file, at: byte, with: [device.files[file][byte] ^ UInt8(1 << random.pick(0...7))])
    }
  }

  /// A segment of which the header was written and lost looks like its former life, whose graves are gone.
  @Test func aLostHeaderEndsTheFormerLifeToo() {
    let device = ModelDevice(segments: 2, seed: 3)
    var revived = 0
    for _ in 0..<200 {
      device.run(steps: 1, names: 6)
      guard let write = device.writes.last(where: { $0.block == 0 && $0.file != device.deviceFile }) else { continue }
      guard SegmentHeader.isOne(write.before) else { continue }
      let before = device.files
      device.overwrite(write.file, at: 0, with: write.before)
      for (name, record) in device.start() where device.expected[name] != record { revived += 1 }
      device.overwrite(write.file, at: 0, with: before[write.file])
    }
    #expect(revived == 0)
  }

  @Test func theFirstOfANameCounts() {
    var names = NamesSeen()
    func insert(_ key: String, _ kind: UInt8) -> Bool {
      Array(key.utf8).withUnsafeBytes { names.insert(key: $0, kind: kind) }
    }
    #expect(insert("a", 0) && insert("a", 1) && insert("b", 0))
    #expect(!insert("a", 0) && !insert("a", 1) && !insert("b", 0))
  }

  /// A segment ends where it ends: what would go on behind it was not written by anybody.
  @Test func aScanKeepsToItsSegment() {
    var random = SplitMix64(seed: 9)
    let header = SegmentHeader(device: DeviceID(high: 1, low: 2), segment: 5, blocks: 16, life: 9, epoch: 3)
    for (valueBlocks, isFound) in [(11, true), (12, false), (13, false)] {
      var record = random.record(place: 4)
      (record.key, record.valueBytes, record.pieces) = ([1], valueBlocks * DiskFormat.blockBytes, [1])
      var scan = SegmentScan(header)
      let finding = Blocks(record, segment: 5, life: 9).read { scan.show($0) }
      if case .record = finding { #expect(isFound) } else { #expect(!isFound) }
      #expect(scan.place == nil)
    }
  }

  /// A write that was not done leaves a gap.
  @Test func aScanEndsAtAGap() {
    var random = SplitMix64(seed: 9)
    let header = SegmentHeader(
      device: DeviceID(high: 1, low: 2), segment: 5, blocks: 64, life: 9, epoch: 3)
    var records: [UInt32: Blocks] = [:]
    for place in [4, 8, 12] as [UInt32] {
      var record = random.record(place: place)
      (record.key, record.valueBytes, record.pieces) = ([1], 5000, [1])
      records[place] = Blocks(record, segment: 5, life: 9)
    }
    records[8] = nil
    let nothing = Blocks(1) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
    func places(_ scan: inout SegmentScan) -> [UInt32] {
      var found: [UInt32] = []
      while let place = scan.place {
        if case .record(let record) = (records[place] ?? nothing).read({ scan.show($0) }) { found.append(record.place) }
      }
      return found
    }
    var scan = SegmentScan(header)
    #expect(places(&scan) == [4])
  }
}

extension SegmentHeader {
  fileprivate static func isOne(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in (0..<8).contains { SegmentHeader(bytes, segment: $0) != nil } }
  }
}

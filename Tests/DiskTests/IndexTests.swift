import Base
import Testing

@testable import Disk

@Suite struct IndexTests {
  private func builder(_ records: [RecordHeader]) -> SegmentIndexBuilder {
    var builder = SegmentIndexBuilder()
    for record in records { builder.append(record) }
    return builder
  }

  /// All that an index says of a record; the pieces are left out, which it does not know.
  private func read(_ blocks: Blocks, segment: UInt32 = 5, life: UInt64 = 9, latestFirst: Bool = false)
    -> [RecordHeader]?
  {
    var records: [RecordHeader] = []
    let isIndex = blocks.read {
      SegmentIndex.forEach(in: $0, segment: segment, life: life, latestFirst: latestFirst) { record in
        records.append(
          RecordHeader(
            kind: record.kind, tag: record.tag, sequence: record.sequence, place: record.place,
            valueBytes: record.valueBytes, deadline: record.deadline, meta: record.meta, key: Array(record.key),
            annotation: Array(record.annotation), pieces: []))
        #expect(record.headerBlocks == records.last?.headerBlocks && record.blocks == records.last?.blocks)
        return true
      }
    }
    #expect(isIndex || records.isEmpty)
    return isIndex ? records : nil
  }

  private func records(_ count: Int, _ random: inout SplitMix64) -> [RecordHeader] {
    (0..<count).map { number in
      var record = random.record(place: UInt32(number * 2 + 4))
      record.pieces = []
      return record
    }
  }

  @Test(arguments: 0..<60)
  func itSaysWhatASegmentHolds(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let records = records(random.pick(0...150), &random)
    let index = builder(records)
    #expect(index.count == records.count && index.blocks == DiskFormat.blocks(of: index.byteCount))
    let place = UInt32(65_536 - index.blocks)
    let blocks = Blocks(index, at: place, segment: 5, life: 9)
    #expect(read(blocks) == records)
    #expect(read(blocks, latestFirst: true) == records.reversed())
    #expect(read(blocks, life: 8) == nil, "a former life's")
    #expect(read(blocks, segment: 4) == nil, "another segment's")
    let last = blocks.bytes.suffix(DiskFormat.blockBytes)
    #expect(last.withUnsafeBytes { SegmentIndex.place(claimedBy: $0, segmentBlocks: 65_536) } == place)
    #expect(blocks.read { SegmentIndex.blocks(claimedBy: $0) } == index.blocks)
  }

  @Test(arguments: 0..<100)
  func whatIsDamagedIsNotBelieved(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let index = builder(records(random.pick(0...100), &random))
    var damaged = Blocks(index, at: 900, segment: 5, life: 9)
    damaged.damage(by: &random)
    #expect(read(damaged) == nil)
  }

  @Test func everyByteCounts() {
    var random = SplitMix64(seed: 3)
    var record = records(1, &random)[0]
    record.key = Array("key".utf8)
    var blocks = Blocks(builder([record]), at: 900, segment: 5, life: 9)
    for index in blocks.bytes.indices {
      blocks.bytes[index] ^= 1
      #expect(read(blocks) == nil, "byte \(index)")
      blocks.bytes[index] ^= 1
    }
    #expect(read(blocks) == [record])
  }

  @Test func theWriterKnowsItsRoomAhead() {
    var random = SplitMix64(seed: 4)
    var index = SegmentIndexBuilder()
    for record in records(500, &random) {
      let expected = index.blocks(with: record)
      index.append(record)
      #expect(index.blocks == expected)
    }
  }

  @Test func aReaderMayStop() {
    var random = SplitMix64(seed: 5)
    let blocks = Blocks(builder(records(20, &random)), at: 900, segment: 5, life: 9)
    for latestFirst in [false, true] {
      var places: [UInt32] = []
      let isIndex = blocks.read {
        SegmentIndex.forEach(in: $0, segment: 5, life: 9, latestFirst: latestFirst) { record in
          places.append(record.place)
          return places.count < 3
        }
      }
      #expect(isIndex && places == (latestFirst ? [42, 40, 38] : [4, 6, 8]))
    }
  }

  /// Summed well by whoever wrote it, and yet no index: nothing of it is shown, not even what comes before the fault.
  @Test func aWrongCountIsNoIndex() {
    var random = SplitMix64(seed: 6)
    let written = Blocks(builder(records(20, &random)), at: 900, segment: 5, life: 9)
    for count in [21, 2000, UInt32.max] as [UInt32] {
      let forged = Blocks(written.bytes.count / DiskFormat.blockBytes) { blocks in
        var writer = BlockWriter(blocks)
        written.bytes[8..<16].withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.append(count)
        written.bytes[20...].withUnsafeBytes { writer.append(contentsOf: $0) }
        writer.seal(seed: SegmentIndex.seed(life: 9, segment: 5))
      }
      #expect(read(forged) == nil)
    }
  }

  @Test func noiseIsNoIndex() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<1000 {
      let noise = random.bytes(DiskFormat.blockBytes...DiskFormat.blockBytes)
      let blocks = Blocks(1) { $0.copyBytes(from: noise) }
      let place = blocks.read { SegmentIndex.place(claimedBy: $0, segmentBlocks: 65_536) }
      #expect(place == nil || place! < 65_536)
      #expect(read(blocks) == nil)
    }
    #expect(read(Blocks(0) { _ in }) == nil)
  }
}

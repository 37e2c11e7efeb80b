import Base
import Testing

@testable import Disk

/// What a device may return has no end: whatever it is, nothing traps, and nothing is found that was not written.
@Suite struct FuzzTests {
  /// A record as the golden device has it, whichever way it was read.
  private struct Found: Hashable {
    var segment: UInt32
    var place: UInt32
    var sequence: UInt64
    var key: [UInt8]
    var valueBytes: Int
  }

  private func records(of files: [[UInt8]]) -> Set<Found> {
    var found: Set<Found> = []
    for (number, bytes) in files.enumerated() {
      let segment = UInt32(number)
      guard bytes.count >= DiskFormat.blockBytes,
        let header = bytes[..<DiskFormat.blockBytes].withUnsafeBytes({ SegmentHeader($0, segment: segment) })
      else { continue }
      let reader = SegmentReader(header) { block, into in
        let start = Int(block) * DiskFormat.blockBytes
        guard start + into.count <= bytes.count else { return false }
        into.copyBytes(from: bytes[start..<start + into.count])
        return true
      }
      reader.forEach { record, _ in
        #expect(record.place < header.blocks && Int(record.place) + record.blocks <= Int(header.blocks))
        found.insert(
          Found(
            segment: segment, place: record.place, sequence: record.sequence, key: Array(record.key),
            valueBytes: record.valueBytes))
      }
    }
    return found
  }

  private func damage(_ files: inout [[UInt8]], _ random: inout SplitMix64) {
    let file = random.pick(0...files.count - 1)
    guard files[file].count >= DiskFormat.blockBytes else { return }
    let byte = random.pick(0...files[file].count - 1)
    let block = byte / DiskFormat.blockBytes * DiskFormat.blockBytes
    guard block + DiskFormat.blockBytes <= files[file].count else { return }
    switch random.pick(0...5) {
    case 0: files[file][byte] ^= UInt8(1 << random.pick(0...7))
    case 1: for index in block..<block + 64 { files[file][index] = UInt8(truncatingIfNeeded: random.next()) }
    case 2: for index in block..<block + 512 { files[file][index] = 0 }
    case 3:
      // To the wrong place, there or in another file.
      let other = random.pick(0...files.count - 1)
      let blocks = files[other].count / DiskFormat.blockBytes
      guard blocks > 0 else { return }
      let start = random.pick(0...blocks - 1) * DiskFormat.blockBytes
      let moved = Array(files[file][block..<block + DiskFormat.blockBytes])
      files[other].replaceSubrange(start..<start + DiskFormat.blockBytes, with: moved)
    case 4:
      // Numbers that claim more than there is.
      let field = block + [12, 16, 20, 32, 48, 50][random.pick(0...5)]
      for index in field..<field + 4 { files[file][index] = 0xFF }
    default: if random.chance(perMille: 50) { files[file].removeLast(random.pick(0...files[file].count)) }
    }
  }

  @Test(arguments: 0..<200)
  func nothingIsFoundThatWasNotWritten(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let golden = GoldenDevice.files.dropFirst().map(\.bytes)
    let written = records(of: golden).union(
      GoldenDevice.hidden.map {
        Found(
          segment: $0.segment, place: $0.record.place, sequence: $0.record.sequence, key: $0.record.key,
          valueBytes: $0.record.valueBytes)
      })
    var files = Array(golden)
    for _ in 0..<random.pick(1...20) {
      damage(&files, &random)
      #expect(records(of: files).isSubset(of: written))
    }
  }

  /// Bytes that sum up, and yet are what no writer writes: they are refused, or they are what they say.
  @Test(arguments: 0..<400)
  func wellSummedNonsenseDoesNotTrap(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let record = random.record(place: 8)
    var index = SegmentIndexBuilder()
    for place in 0..<random.pick(0...5) { index.append(random.record(place: UInt32(place * 2 + 4))) }
    var graves = Graves(blocks: 64)
    graves.insert(10)
    let placeSeed = RecordHeader.seed(life: 9, segment: 5, place: 8)
    let header = damaged(Blocks(record, segment: 5, life: 9), seed: placeSeed, &random)
    header.read { bytes in
      if let count = RecordHeader.headerBlocks(claimedBy: bytes) { #expect(count <= RecordHeader.headerBlocksMax) }
      guard let view = RecordView(bytes, segment: 5, life: 9, place: 8) else { return }
      #expect(view.headerBlocks * DiskFormat.blockBytes == bytes.count && view.place == 8)
      for piece in 0..<view.pieceCount { _ = view.piece(piece) }
    }
    let indexSeed = SegmentIndex.seed(life: 9, segment: 5)
    damaged(Blocks(index, at: 900, segment: 5, life: 9), seed: indexSeed, &random).read { bytes in
      _ = SegmentIndex.forEach(in: bytes, segment: 5, life: 9) { record in record.key.count > 0 }
    }
    damaged(Blocks(1) { graves.writePage(0, to: $0, segment: 5, life: 9) }, seed: 5, &random).read { bytes in
      var read = Graves(blocks: 64)
      _ = read.merge(page: 0, bytes, segment: 5, life: 9)
      #expect(read.count <= 32)
    }
    let whole = SegmentHeader(device: GoldenDevice.id, segment: 5, blocks: 64, life: 9, epoch: 1)
    damaged(Blocks(1) { whole.write(to: $0) }, seed: 5, &random).read { bytes in
      _ = SegmentHeader(bytes, segment: 5)?.layout.firstBlock
    }
  }

  private func damaged(_ blocks: Blocks, seed: UInt64, _ random: inout SplitMix64) -> Blocks {
    Blocks(blocks.bytes.count / DiskFormat.blockBytes) { bytes in
      var content = Array(blocks.bytes[8...])
      for _ in 0..<random.pick(1...4) {
        let place = random.pick(0...(random.chance(perMille: 800) ? 80 : content.count - 1))
        content[place] = [0, 0xFF, UInt8(truncatingIfNeeded: random.next())][random.pick(0...2)]
      }
      var writer = BlockWriter(bytes)
      content.withUnsafeBytes { writer.append(contentsOf: $0) }
      writer.seal(seed: seed)
    }
  }
}

import Base
import Glibc
import Testing

@testable import Disk

@Suite struct RecordTests {
  private func read(_ blocks: Blocks, segment: UInt32, life: UInt64, place: UInt32) -> RecordHeader? {
    blocks.read { RecordHeader($0, segment: segment, life: life, place: place) }
  }

  @Test(arguments: 0..<200)
  func whatIsWrittenIsRead(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (segment, life) = (UInt32(random.pick(0...100_000)), random.next())
    let header = random.record(place: random.even(4...65_000))
    let blocks = Blocks(header, segment: segment, life: life)
    #expect(read(blocks, segment: segment, life: life, place: header.place) == header)
    let claimed = blocks.bytes[..<DiskFormat.blockBytes].withUnsafeBytes { RecordHeader.headerBlocks(claimedBy: $0) }
    #expect(claimed == header.headerBlocks)
  }

  @Test(arguments: 0..<50)
  func aViewShowsTheSame(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let header = random.record(place: 8)
    Blocks(header, segment: 3, life: 11).read { bytes in
      guard let view = RecordView(bytes, segment: 3, life: 11, place: 8) else {
        Issue.record("it is not read")
        return
      }
      #expect(Array(view.key) == header.key && Array(view.annotation) == header.annotation)
      #expect((0..<view.pieceCount).map { view.piece($0) } == header.pieces)
      #expect(view.blocks == header.blocks && view.headerBlocks == header.headerBlocks)
      #expect(RecordHeader(view) == header)
    }
  }

  @Test(arguments: 0..<50)
  func aRecordTakesAnEvenNumberOfBlocks(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let header = random.record(place: 8)
    #expect(header.blocks % 2 == 0 && header.blocks >= 2)
    #expect((0...1).contains(header.blocks - header.headerBlocks - header.valueBlocks))
    let sizes = RecordSizes(
      keyBytes: header.key.count, annotationBytes: header.annotation.count, valueBytes: header.valueBytes)
    #expect(sizes.blocks == header.blocks)
  }

  @Test func theLargestRecordIsRead() {
    var random = SplitMix64(seed: 1)
    var header = random.record(place: 8)
    header.valueBytes = DiskFormat.valueBytesMax
    header.key = [UInt8](repeating: 7, count: DiskFormat.keyBytesMax)
    header.annotation = [UInt8](repeating: 9, count: DiskFormat.annotationBytesMax)
    header.pieces = (0..<DiskFormat.pieces(of: header.valueBytes)).map { _ in random.next() }
    #expect(header.headerBlocks == RecordHeader.headerBlocksMax)
    #expect(read(Blocks(header, segment: 3, life: 11), segment: 3, life: 11, place: 8) == header)
  }

  /// A former life's, another segment's, one that a device wrote to or read from the wrong place.
  @Test(arguments: 0..<50)
  func whatBelongsElsewhereIsNotBelieved(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let blocks = Blocks(random.record(place: 8), segment: 3, life: 11)
    #expect(read(blocks, segment: 3, life: 10, place: 8) == nil)
    #expect(read(blocks, segment: 3, life: 12, place: 8) == nil)
    #expect(read(blocks, segment: 2, life: 11, place: 8) == nil)
    #expect(read(blocks, segment: 3, life: 11, place: 10) == nil)
  }

  @Test(arguments: 0..<300)
  func whatIsDamagedIsNotBelieved(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var blocks = Blocks(random.record(place: 8), segment: 3, life: 11)
    blocks.damage(by: &random)
    #expect(read(blocks, segment: 3, life: 11, place: 8) == nil)
  }

  @Test func everyByteCounts() {
    var random = SplitMix64(seed: 5)
    var header = random.record(place: 8)
    (header.key, header.valueBytes, header.pieces) = (Array("key".utf8), 4000, [1])
    var blocks = Blocks(header, segment: 3, life: 11)
    #expect(blocks.bytes.count == DiskFormat.blockBytes)
    for index in blocks.bytes.indices {
      blocks.bytes[index] ^= 1
      #expect(read(blocks, segment: 3, life: 11, place: 8) == nil, "byte \(index)")
      blocks.bytes[index] ^= 1
    }
    #expect(read(blocks, segment: 3, life: 11, place: 8) == header)
  }

  // MARK: Pieces

  @Test func aPieceIsThatOfItsRecordAtItsPlace() {
    var random = SplitMix64(seed: 1)
    let value = random.bytes(DiskFormat.pieceBytes * 2...DiskFormat.pieceBytes * 2)
    var header = random.record(place: 8)
    header.valueBytes = value.count
    func piece(_ number: Int) -> ArraySlice<UInt8> {
      value[number * DiskFormat.pieceBytes..<(number + 1) * DiskFormat.pieceBytes]
    }
    header.pieces = (0..<2).map { number in
      piece(number).withUnsafeBytes { RecordHeader.checksum(ofPiece: number, $0, sequence: header.sequence) }
    }
    func holds(_ header: RecordHeader, _ number: Int, _ bytes: ArraySlice<UInt8>) -> Bool {
      let blocks = Blocks(header, segment: 0, life: 1)
      return bytes.withUnsafeBytes { bytes in
        let isHeld = header.holds(piece: number, bytes)
        let view = blocks.read { RecordView($0, segment: 0, life: 1, place: 8)!.holds(piece: number, bytes) }
        #expect(view == isHeld)
        return isHeld
      }
    }
    #expect(holds(header, 0, piece(0)) && holds(header, 1, piece(1)))
    #expect(!holds(header, 0, piece(1)) && !holds(header, 1, piece(0)) && !holds(header, 2, piece(0)))
    var other = header
    other.sequence += 1
    #expect(!holds(other, 0, piece(0)))
    var damaged = piece(0)
    damaged[damaged.startIndex + 77_777] ^= 1
    #expect(!holds(header, 0, damaged))
  }

  /// A value's memory is not in one piece. Cut anywhere, none or many times, it sums to the same.
  @Test(arguments: 0..<60)
  func aPieceInRegionsSumsToTheSame(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let piece = random.bytes([0...0, 1...300, 1...5000, 200_000...262_144][random.pick(0...3)])
    let (number, sequence) = (random.pick(0...100), random.next())
    var cuts = [0, piece.count]
    for _ in 0..<random.pick(0...8) { cuts.append(random.pick(0...piece.count)) }
    cuts.sort()
    piece.withUnsafeBytes { bytes in
      let whole = RecordHeader.checksum(ofPiece: number, bytes, sequence: sequence)
      let regions = zip(cuts, cuts.dropFirst()).map { start, end in
        iovec(iov_base: bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + start) }, iov_len: end - start)
      }
      #expect(
        RecordHeader.checksum(ofPiece: number, regions: regions, count: regions.count, sequence: sequence) == whole)
    }
  }
}

import Base

@testable import Disk

/// Whole blocks in memory.
struct Blocks: Equatable {
  var bytes: [UInt8]

  init(_ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
    // What was there before must not matter.
    bytes = [UInt8](repeating: 0xAA, count: count * DiskFormat.blockBytes)
    bytes.withUnsafeMutableBytes(write)
  }

  init(_ record: RecordHeader, segment: UInt32, life: UInt64) {
    self.init(record.headerBlocks) { record.write(to: $0, segment: segment, life: life) }
  }

  init(_ index: SegmentIndexBuilder, at place: UInt32, segment: UInt32, life: UInt64) {
    self.init(index.blocks) { index.write(to: $0, at: place, segment: segment, life: life) }
  }

  func read<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value { bytes.withUnsafeBytes(body) }

  /// A bit, a byte, a sector that was not written, a cut, noise.
  mutating func damage(by random: inout SplitMix64) {
    let before = bytes
    while bytes == before {
      switch random.pick(0...4) {
      case 0: bytes[random.pick(0...bytes.count - 1)] ^= UInt8(1 << random.pick(0...7))
      case 1: bytes[random.pick(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: random.next())
      case 2:
        let sector = random.pick(0...bytes.count / 512 - 1) * 512
        for index in sector..<sector + 512 { bytes[index] = 0 }
      case 3: bytes.removeLast(random.pick(1...bytes.count))
      default: for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
      }
      if bytes.isEmpty { return }
    }
  }
}

extension SplitMix64 {
  mutating func bytes(_ range: ClosedRange<Int>) -> [UInt8] {
    (0..<pick(range)).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  mutating func even(_ range: ClosedRange<Int>) -> UInt32 { UInt32(pick(range) / 2 * 2) }

  mutating func int32() -> Int32 { Int32(truncatingIfNeeded: next()) }

  mutating func record(place: UInt32) -> RecordHeader {
    let valueBytes = pick([0...5000, 0...300_000, 0...80_000_000][pick(0...2)])
    return RecordHeader(
      kind: UInt8(pick(0...7)), tag: UInt8(pick(0...255)), sequence: next(), place: place, valueBytes: valueBytes,
      deadline: chance(perMille: 500) ? 0 : next(),
      meta: ObjectMeta(
        format: int32(), type: int32(), shape: (int32(), int32(), int32(), int32()), location: int32()),
      key: bytes(chance(perMille: 50) ? 1...65_535 : 1...300), annotation: bytes(0...640),
      pieces: (0..<DiskFormat.pieces(of: valueBytes)).map { _ in next() })
  }
}

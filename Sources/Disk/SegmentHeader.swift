/// The first block of a segment, a file of a fixed size in which records follow each other.
///
/// A segment is used again and again. Each use is another life, and what lies behind the header is checked against it:
/// what a former life left behind is never believed.
///
///     checksum u64  "LMCS" u32  version u32  device u64 u64  segment u32  blocks u32  life u64  epoch u64
package struct SegmentHeader: Equatable, Sendable {
  private static let magic = UInt32(littleEndian: 0x5343_4D4C)

  /// Of the directory, another one whenever it is made anew.
  package var device: DeviceID
  package var segment: UInt32
  /// How many it has, this one included.
  package var blocks: UInt32
  /// Counts the uses of all segments of a device: a later one is larger.
  package var life: UInt64
  /// Counts what has emptied the device: records of an earlier one are gone.
  package var epoch: UInt64

  package var layout: SegmentLayout { SegmentLayout(blocks: blocks) }

  package init(device: DeviceID, segment: UInt32, blocks: UInt32, life: UInt64, epoch: UInt64) {
    (self.device, self.segment, self.blocks, self.life, self.epoch) = (device, segment, blocks, life, epoch)
  }

  package func write(to block: UnsafeMutableRawBufferPointer) {
    precondition(block.count == DiskFormat.blockBytes)
    var writer = BlockWriter(block)
    writer.append(Self.magic)
    writer.append(DiskFormat.version)
    writer.append(device.high)
    writer.append(device.low)
    writer.append(segment)
    writer.append(blocks)
    writer.append(life)
    writer.append(epoch)
    writer.seal(seed: UInt64(segment))
  }

  /// Nil where the block is no such header, or that of another segment.
  package init?(_ block: UnsafeRawBufferPointer, segment number: UInt32) {
    var reader = BlockReader(block)
    guard block.count == DiskFormat.blockBytes, BlockReader.isIntact(block, seed: UInt64(number)),
      reader.next(UInt32.self) == Self.magic, reader.next(UInt32.self) == DiskFormat.version,
      let high = reader.next(UInt64.self), let low = reader.next(UInt64.self),
      let segment = reader.next(UInt32.self), segment == number, let blocks = reader.next(UInt32.self),
      DiskFormat.isSegment(ofBlocks: blocks),
      let life = reader.next(UInt64.self), life > 0, let epoch = reader.next(UInt64.self)
    else { return nil }
    self.init(
      device: DeviceID(high: high, low: low), segment: segment, blocks: blocks, life: life, epoch: epoch)
  }
}

/// A random number that tells directories apart.
package struct DeviceID: Equatable, Sendable {
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }
}

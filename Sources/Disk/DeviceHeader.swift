/// What a directory says of itself: whose it is, how it is cut, and what has emptied it. Two blocks in a file of their
/// own, written in turn: the one that is intact and counts higher is true, so that a torn write leaves the one before
/// it.
///
/// A new epoch has to be written twice, into both blocks: else what it emptied would come back with one that rots.
///
///     checksum u64  "LMCD" u32  version u32  device u64 u64  count u64  epoch u64  segmentBlocks u32  0 u32
package struct DeviceHeader: Equatable, Sendable {
  private static let magic = UInt32(littleEndian: 0x4443_4D4C)

  package var device: DeviceID
  /// How often it was written.
  package var count: UInt64
  package var epoch: UInt64
  package var segmentBlocks: UInt32

  package init(device: DeviceID, count: UInt64, epoch: UInt64, segmentBlocks: UInt32) {
    (self.device, self.count, self.epoch, self.segmentBlocks) = (device, count, epoch, segmentBlocks)
  }

  /// Which of the two blocks it is written to.
  package var place: Int { Int(count % 2) }

  package func write(to block: UnsafeMutableRawBufferPointer) {
    precondition(block.count == DiskFormat.blockBytes)
    var writer = BlockWriter(block)
    writer.append(Self.magic)
    writer.append(DiskFormat.version)
    writer.append(device.high)
    writer.append(device.low)
    writer.append(count)
    writer.append(epoch)
    writer.append(segmentBlocks)
    writer.seal(seed: 0)
  }

  /// What a directory turns out to be.
  package enum Finding: Equatable, Sendable {
    case ours(DeviceHeader)
    /// Of another version of this program, or of another program.
    case version(UInt32)
    case unknown
  }

  package static func find(in blocks: UnsafeRawBufferPointer) -> Finding {
    var best: DeviceHeader?
    var other: UInt32?
    for place in 0..<min(2, blocks.count / DiskFormat.blockBytes) {
      let start = place * DiskFormat.blockBytes
      let block = UnsafeRawBufferPointer(rebasing: blocks[start..<start + DiskFormat.blockBytes])
      var reader = BlockReader(block)
      guard reader.next(UInt32.self) == magic, let version = reader.next(UInt32.self) else { continue }
      // Another version may sum otherwise.
      guard version == DiskFormat.version else {
        other = version
        continue
      }
      guard BlockReader.isIntact(block, seed: 0), let header = Self(&reader) else { continue }
      if header.count >= best?.count ?? 0 { best = header }
    }
    if let best { return .ours(best) }
    return other.map { .version($0) } ?? .unknown
  }

  private init?(_ reader: inout BlockReader) {
    guard let high = reader.next(UInt64.self), let low = reader.next(UInt64.self), let count = reader.next(UInt64.self),
      let epoch = reader.next(UInt64.self), let segmentBlocks = reader.next(UInt32.self),
      DiskFormat.isSegment(ofBlocks: segmentBlocks)
    else { return nil }
    self.init(
      device: DeviceID(high: high, low: low), count: count, epoch: epoch, segmentBlocks: segmentBlocks)
  }
}

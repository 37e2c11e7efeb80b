import Base
import Disk

/// The blocks of a segment that are in memory while it is scanned: the more of them the more of those before were of use.
struct ScanWindow {
  static let aheadMin = Limits.scanBytesMin / DiskFormat.blockBytes
  static let aheadMax = Limits.scanBytesMax / DiskFormat.blockBytes

  private let blocksMax: Int
  private var blocks = 0..<0
  private var ahead = Self.aheadMin
  var buffer = AlignedBuffer(byteCount: DiskFormat.blockBytes)

  init(blocksMax: Int) { self.blocksMax = blocksMax }

  /// What is to be read now; nil where all that is wanted is here.
  mutating func move(to start: Int, wanted: Int) -> Range<Int>? {
    guard start < blocks.lowerBound || start + wanted > blocks.upperBound else { return nil }
    let isClose = start < blocks.upperBound + blocks.count
    ahead = isClose ? min(2 * ahead, Self.aheadMax) : Self.aheadMin
    blocks = start..<min(blocksMax, start + max(wanted, ahead))
    return blocks
  }

  func part(_ start: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
    let offset = (start - blocks.lowerBound) * DiskFormat.blockBytes
    return buffer.part(offset..<offset + count * DiskFormat.blockBytes)
  }
}

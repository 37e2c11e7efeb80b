import Base
import Testing

@testable import Disk

@Suite struct SegmentTests {
  private let device = DeviceID(high: 1, low: 2)

  @Test func aSegmentSaysWhichOneItIs() {
    let header = SegmentHeader(device: device, segment: 5, blocks: 65_536, life: 9, epoch: 3)
    let blocks = Blocks(1) { header.write(to: $0) }
    #expect(blocks.read { SegmentHeader($0, segment: 5) } == header)
    #expect(blocks.read { SegmentHeader($0, segment: 4) } == nil, "a file under another one's name")
    for index in 0..<DiskFormat.blockBytes {
      var damaged = blocks
      damaged.bytes[index] ^= 4
      #expect(damaged.read { SegmentHeader($0, segment: 5) } == nil)
    }
  }

  @Test(arguments: [0, 2, 14, 17, 65_537, DiskFormat.segmentBlocksMax + 2])
  func aSegmentOfNoSuchSizeIsNone(blocks: UInt32) {
    let header = SegmentHeader(device: device, segment: 5, blocks: blocks, life: 9, epoch: 3)
    #expect(Blocks(1) { header.write(to: $0) }.read { SegmentHeader($0, segment: 5) } == nil)
    let whole = DeviceHeader(device: device, count: 1, epoch: 1, segmentBlocks: blocks)
    #expect(find(file([whole])) == .unknown)
  }

  @Test func filesAreNamedByTheirSegments() {
    #expect(DiskFormat.segmentName(0) == "segment-00000000" && DiskFormat.segmentName(7_654_321) == "segment-07654321")
    for segment in [0, 9, 12_345_678, UInt32.max] as [UInt32] {
      #expect(DiskFormat.segment(named: DiskFormat.segmentName(segment)) == segment)
    }
    for name in ["", "device", "segment-", "segment-1", "segment-000000001", "segment--0000001", "segment-+0000001"] {
      #expect(DiskFormat.segment(named: name) == nil)
    }
  }

  // MARK: The directory

  private func file(_ headers: [DeviceHeader]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2 * DiskFormat.blockBytes)
    for header in headers {
      let start = header.place * DiskFormat.blockBytes
      bytes.replaceSubrange(
        start..<start + DiskFormat.blockBytes, with: Blocks(1) { header.write(to: $0) }.bytes)
    }
    return bytes
  }

  private func find(_ bytes: [UInt8]) -> DeviceHeader.Finding { bytes.withUnsafeBytes { DeviceHeader.find(in: $0) } }

  private func header(_ count: UInt64) -> DeviceHeader {
    DeviceHeader(device: device, count: count, epoch: count * 10, segmentBlocks: 65_536)
  }

  @Test func theLaterOfTwoHeadersIsTrue() {
    #expect(find(file([header(1)])) == .ours(header(1)))
    #expect(find(file([header(1), header(2)])) == .ours(header(2)))
    #expect(find(file([header(3), header(2)])) == .ours(header(3)))
    #expect(find(file([])) == .unknown && find([]) == .unknown)
  }

  /// Torn at any sector, it leaves the one before.
  @Test func aTornWriteChangesNothing() {
    let (before, after) = (file([header(1), header(2)]), file([header(3), header(2)]))
    for sectors in 0...8 {
      var torn = before
      let start = header(3).place * DiskFormat.blockBytes
      torn.replaceSubrange(start..<start + sectors * 512, with: after[start..<start + sectors * 512])
      let finding = find(torn)
      #expect(finding == .ours(header(2)) || finding == .ours(header(3)))
      if sectors == 0 { #expect(finding == .ours(header(2))) }
    }
  }

  @Test func anotherVersionIsKnownAsSuch() {
    var bytes = file([header(2)])
    bytes[12] = 99
    #expect(find(bytes) == .version(99))
  }
}

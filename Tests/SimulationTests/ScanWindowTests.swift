import Testing

@testable import Tier

/// What a scan has read of a segment: enough for what it looks at, and not much that it steps over.
@Suite
struct ScanWindowTests {
  /// Blocks read, and how often, by a scan that looks at the first block of records of one size.
  private static func read(recordBlocks: Int, of segmentBlocks: Int) -> (blocks: Int, times: Int) {
    var window = ScanWindow(blocksMax: segmentBlocks)
    var read = (blocks: 0, times: 0)
    for start in stride(from: 3, to: segmentBlocks, by: recordBlocks) {
      if let missing = window.move(to: start, wanted: 1) {
        #expect(missing.lowerBound == start && missing.upperBound <= segmentBlocks)
        read = (read.blocks + missing.count, read.times + 1)
      }
    }
    return read
  }

  @Test func smallRecordsAreReadSideBySide() {
    let read = Self.read(recordBlocks: 6, of: 65536)
    #expect(read.blocks <= 65536)
    // The first windows are smaller.
    #expect(read.times <= 65536 / ScanWindow.aheadMax + 8)
  }

  @Test func largeRecordsAreSteppedOver() {
    let read = Self.read(recordBlocks: 1026, of: 65536)
    #expect(read.times == 64 && read.blocks <= 64 * ScanWindow.aheadMin)
  }

  @Test func aHeaderThatGoesOnIsReadWhole() {
    var window = ScanWindow(blocksMax: 1000)
    #expect(window.move(to: 10, wanted: 1) == 10..<10 + ScanWindow.aheadMin)
    #expect(window.move(to: 10, wanted: ScanWindow.aheadMin) == nil)
    let more = window.move(to: 10, wanted: 200)
    #expect(more?.lowerBound == 10 && more.map { $0.upperBound >= 210 } == true)
    #expect(window.move(to: 999, wanted: 1) == 999..<1000)
  }
}

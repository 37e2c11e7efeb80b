import Base
import Foundation

@testable import Disk

/// The device that lies in Golden/, as this code would write it. Its files were written once, and are what other readers
/// are tested with: `contents.json` there says what a reader has to find.
enum GoldenDevice {
  static let blocks: UInt32 = 20
  static let id = DeviceID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
  static let epoch: UInt64 = 2

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static func file(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: folder.appending(path: name))) }

  // MARK: Records

  static let chunk = record(1, at: 4, "model@1@0@chunk", bytes: 3000, kind: 0)
  static let replaced = record(2, at: 6, "replaced", bytes: 100, kind: 1)
  static let deleted = [
    record(3, at: 8, "deleted", bytes: 4096, kind: 1), record(12, at: 10, "deleted too", bytes: 1, kind: 1),
  ]
  static let annotated = record(4, at: 12, "annotated", bytes: 300, kind: 2, annotation: Array("groups".utf8), tag: 7)
  static let replacement = record(5, at: 4, "replaced", bytes: 200, kind: 1)
  static let brief = record(6, at: 6, "brief", bytes: 10, kind: 1, deadline: 1000)
  static let lasting = record(7, at: 8, "lasting", bytes: 4097, kind: 1, deadline: 32_503_680_000_000)
  static let empty = record(8, at: 12, "empty", bytes: 0, kind: 1)
  static let unfinished = record(13, at: 14, "unfinished", bytes: 20, kind: 1)
  static let torn = record(9, at: 16, "torn", bytes: 20, kind: 1)
  static let flushed = record(10, at: 4, "flushed", bytes: 64, kind: 1)
  static let outlived = record(11, at: 4, "outlived", bytes: 64, kind: 1)

  /// Records that were written, and are found only where something else is damaged.
  static let hidden: [(segment: UInt32, record: RecordHeader)] = [(2, flushed), (4, outlived)]

  static func value(_ sequence: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(sequence)) }
  }

  private static func record(
    _ sequence: UInt64, at place: UInt32, _ key: String, bytes: Int, kind: UInt8, annotation: [UInt8] = [],
    tag: UInt8 = 0, deadline: UInt64 = 0
  ) -> RecordHeader {
    let value = value(sequence, bytes: bytes)
    let pieces = value.withUnsafeBytes { bytes in
      bytes.isEmpty ? [] : [RecordHeader.checksum(ofPiece: 0, bytes, sequence: sequence)]
    }
    let number = Int32(sequence)
    return RecordHeader(
      kind: kind, tag: tag, sequence: sequence, place: place, valueBytes: bytes, deadline: deadline,
      meta: ObjectMeta(format: 1, type: 2, shape: (number, -number, 0, 8), location: kind == 0 ? 3 : 0),
      key: Array(key.utf8), annotation: annotation, pieces: pieces)
  }

  // MARK: Files

  static let files: [(name: String, bytes: [UInt8])] = [
    ("device", device),
    // Of an earlier epoch; sealed; being written; never used; one whose header was lost.
    (DiskFormat.segmentName(0), segment(0, life: 3, epoch: 1, [flushed], isSealed: true)),
    (DiskFormat.segmentName(1), sealed),
    (DiskFormat.segmentName(2), open),
    (DiskFormat.segmentName(3), nothing),
    (DiskFormat.segmentName(4), segment(4, life: 1, epoch: epoch, [outlived], isSealed: true, gravesOfLife: 6)),
  ]

  private static let nothing = [UInt8](repeating: 0, count: Int(blocks) * DiskFormat.blockBytes)

  private static var device: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 2 * DiskFormat.blockBytes)
    for count in [5, 6] as [UInt64] {
      let header = DeviceHeader(device: id, count: count, epoch: epoch, segmentBlocks: blocks)
      put(Blocks(1) { header.write(to: $0) }, into: &bytes, at: UInt32(header.place))
    }
    return bytes
  }

  /// Each of the two graves is known to one copy alone.
  private static var sealed: [UInt8] {
    var bytes = segment(
      1, life: 4, epoch: epoch, [chunk, replaced] + deleted + [annotated], isSealed: true)
    for (copy, dead) in deleted.enumerated() {
      var graves = Graves(blocks: blocks)
      graves.insert(dead.place)
      let block = SegmentLayout(blocks: blocks).graveBlock(page: 0, copy: copy)
      put(Blocks(1) { graves.writePage(0, to: $0, segment: 1, life: 4) }, into: &bytes, at: block)
    }
    return bytes
  }

  /// The value of the last record but one is missing, and the last one is torn. A former life's index still ends it.
  private static var open: [UInt8] {
    var bytes = segment(2, life: 2, epoch: 1, [flushed], isSealed: true)
    let records = [replacement, brief, lasting, empty, unfinished, torn]
    let now = segment(2, life: 5, epoch: epoch, records, isSealed: false)
    let written = Int(unfinished.place + 1) * DiskFormat.blockBytes
    bytes.replaceSubrange(..<written, with: now[..<written])
    let start = Int(torn.place) * DiskFormat.blockBytes
    bytes.replaceSubrange(start..<start + 64, with: now[start..<start + 64])
    return bytes
  }

  private static func segment(
    _ segment: UInt32, life: UInt64, epoch: UInt64, _ records: [RecordHeader], isSealed: Bool,
    gravesOfLife graveLife: UInt64? = nil
  ) -> [UInt8] {
    var bytes = nothing
    let header = SegmentHeader(device: id, segment: segment, blocks: blocks, life: life, epoch: epoch)
    put(Blocks(1) { header.write(to: $0) }, into: &bytes, at: 0)
    let graves = Graves(blocks: blocks)
    for copy in 0..<SegmentLayout.graveCopies {
      let page = Blocks(1) { graves.writePage(0, to: $0, segment: segment, life: graveLife ?? life) }
      put(page, into: &bytes, at: header.layout.graveBlock(page: 0, copy: copy))
    }
    var index = SegmentIndexBuilder()
    for record in records {
      put(Blocks(record, segment: segment, life: life), into: &bytes, at: record.place)
      let start = (Int(record.place) + record.headerBlocks) * DiskFormat.blockBytes
      bytes.replaceSubrange(
        start..<start + record.valueBytes, with: value(record.sequence, bytes: record.valueBytes))
      index.append(record)
    }
    let place = blocks - UInt32(index.blocks)
    if isSealed { put(Blocks(index, at: place, segment: segment, life: life), into: &bytes, at: place) }
    return bytes
  }

  private static func put(_ blocks: Blocks, into bytes: inout [UInt8], at block: UInt32) {
    let start = Int(block) * DiskFormat.blockBytes
    bytes.replaceSubrange(start..<start + blocks.bytes.count, with: blocks.bytes)
  }
}

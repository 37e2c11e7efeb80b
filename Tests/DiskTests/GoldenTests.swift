import Base
import Foundation
import Testing

@testable import Disk

/// The format is what these files say: code that writes or reads anything else is of another version.
@Suite struct GoldenTests {
  /// What `contents.json` says of a record.
  struct Content: Decodable, Equatable {
    var segment: UInt32
    var block: UInt32
    var sequence: UInt64
    var kind: UInt8
    var tag: UInt8
    var deadline: UInt64
    var meta: [Int32]
    var key: String
    var annotation: String
    var valueBytes: Int
    /// living, dead, replaced
    var state: String
  }

  struct Contents: Decodable {
    struct Piece: Decodable {
      var piece: Int
      var sequence: UInt64
      var bytes: Int
      var sum: String
    }
    var records: [Content]
    var sums: [Piece]
  }

  private func contents() throws -> Contents {
    try JSONDecoder().decode(Contents.self, from: Data(GoldenDevice.file("contents.json")))
  }

  @Test func whatIsWrittenIsTheSameToTheByte() throws {
    for file in GoldenDevice.files {
      let golden = try GoldenDevice.file(file.name)
      #expect(golden.count == file.bytes.count)
      let different = zip(golden, file.bytes).enumerated().first { $1.0 != $1.1 }
      #expect(different == nil, "\(file.name), byte \(different?.offset ?? 0)")
    }
  }

  @Test func whatIsReadIsWhatTheyHold() throws {
    let device = try GoldenDevice.file("device").withUnsafeBytes { DeviceHeader.find(in: $0) }
    let expected = DeviceHeader(
      device: GoldenDevice.id, count: 6, epoch: GoldenDevice.epoch, segmentBlocks: GoldenDevice.blocks)
    #expect(device == .ours(expected))
    var found: [Content] = []
    var names = NamesSeen()
    let states: [(UInt32, SegmentReader.State)] = [(2, .open), (1, .sealed), (4, .outlived)]
    for (segment, state) in states {
      let bytes = try GoldenDevice.file(DiskFormat.segmentName(segment))
      let block = bytes[..<DiskFormat.blockBytes]
      let header = try #require(block.withUnsafeBytes { SegmentHeader($0, segment: segment) })
      let reader = SegmentReader(header) { block, into in
        let start = Int(block) * DiskFormat.blockBytes
        into.copyBytes(from: bytes[start..<start + into.count])
        return true
      }
      #expect(reader.state == state && header.epoch == GoldenDevice.epoch && header.device == GoldenDevice.id)
      reader.forEach { record, isDead in
        let isFirst = names.insert(key: record.key, kind: record.kind)
        found.append(Content(record, in: segment, state: isDead ? "dead" : isFirst ? "living" : "replaced"))
      }
    }
    let expectedRecords = try contents().records
    #expect(found == expectedRecords)
  }

  @Test func piecesSumToWhatTheySummedTo() throws {
    let sums = try contents().sums
    #expect(sums.count > 10)
    for expected in sums {
      let value = GoldenDevice.value(expected.sequence, bytes: expected.bytes)
      let sum = value.withUnsafeBytes {
        RecordHeader.checksum(ofPiece: expected.piece, $0, sequence: expected.sequence)
      }
      #expect(String(sum, radix: 16) == expected.sum)
    }
  }
}

extension GoldenTests.Content {
  init(_ record: borrowing IndexedRecord, in segment: UInt32, state: String) {
    let meta = record.meta
    self.init(
      segment: segment, block: record.place, sequence: record.sequence, kind: record.kind, tag: record.tag,
      deadline: record.deadline,
      meta: [meta.format, meta.type, meta.shape.0, meta.shape.1, meta.shape.2, meta.shape.3, meta.location],
      key: String(decoding: record.key, as: UTF8.self), annotation: String(decoding: record.annotation, as: UTF8.self),
      valueBytes: record.valueBytes, state: state)
  }
}

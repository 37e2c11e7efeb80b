import Base
import Disk
import IO

/// Records that no index names.
extension SegmentLoad {
  func take(_ records: [RecordHeader], _ names: inout NamesSeen) -> Bool {
    var isComplete = true
    for record in records.reversed() {
      let found = Found(
        kind: record.kind, tag: record.tag, sequence: record.sequence, place: record.place,
        valueBytes: record.valueBytes, deadline: record.deadline, meta: record.meta,
        headerBlocks: record.headerBlocks, blocks: record.blocks)
      let isTaken = record.key.withUnsafeBytes { key in
        record.annotation.withUnsafeBytes { take(found, key, $0, &names, adopts: isComplete) }
      }
      isComplete = isComplete && isTaken
    }
    return isComplete
  }

  func scan() async throws(IOFailure) -> [RecordHeader] {
    var scan = SegmentScan(header)
    var records: [RecordHeader] = []
    var window = ScanWindow(blocksMax: Int(header.blocks))
    var wanted = 1
    while let place = scan.place {
      let start = Int(place)
      if let missing = window.move(to: start, wanted: wanted) {
        window.buffer = try await device.readBlocks(missing.count, at: missing.lowerBound, of: segment)
      }
      let part = window.part(start, wanted)
      switch scan.show(UnsafeRawBufferPointer(part)) {
      case .more(let blocks): wanted = blocks
      case .record(let record):
        records.append(record)
        wanted = 1
      case .end: break
      }
    }
    return records
  }

  /// What was under way when the process ended may be there in part: the last batch, of which the values are read whole.
  func buryTorn(_ records: [RecordHeader]) async throws(IOFailure) {
    var (first, bytes) = (records.count, 0)
    while first > 0, bytes < Limits.batchBytes + records[first - 1].valueBytes {
      first -= 1
      bytes += records[first].valueBytes
    }
    var window = ScanWindow(blocksMax: Int(header.blocks))
    for record in records[first...] {
      guard try await !isWhole(record, &window) else { continue }
      device.metrics.recordsTorn.add()
      segment.graves.insert(record.place)
    }
  }

  private func isWhole(_ record: RecordHeader, _ window: inout ScanWindow) async throws(IOFailure) -> Bool {
    let start = Int(record.place) + record.headerBlocks
    for number in 0..<DiskFormat.pieces(of: record.valueBytes) {
      let place = number * DiskFormat.pieceBytes
      let bytes = min(DiskFormat.pieceBytes, record.valueBytes - place)
      let (block, blocks) = (start + place / DiskFormat.blockBytes, DiskFormat.blocks(of: bytes))
      if let missing = window.move(to: block, wanted: blocks) {
        window.buffer = try await device.readBlocks(missing.count, at: missing.lowerBound, of: segment)
      }
      let piece = UnsafeRawBufferPointer(rebasing: window.part(block, blocks)[0..<bytes])
      guard record.holds(piece: number, piece) else { return false }
    }
    return true
  }
}

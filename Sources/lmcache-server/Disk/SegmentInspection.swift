import Base
import Disk

/// What is found of one segment.
struct SegmentSummary {
  enum State: String, CaseIterable {
    /// Whole, with an index.
    case sealed
    /// It was being written.
    case open
    /// Nothing was written since it was made or emptied.
    case free
    /// Its records were of an earlier epoch: everything was deleted since.
    case flushed
    case damaged
  }

  let number: UInt32
  var state: State
  var life: UInt64 = 0
  var records = 0
  var living = 0
  var livingBytes = 0
  var deadBytes = 0

  init(_ number: UInt32, _ state: State) { (self.number, self.state) = (number, state) }
}

/// A record that can be read by its key.
struct LivingRecord {
  let place: UInt32
  let kind: UInt8
  let deadline: UInt64
  let valueBytes: Int
  let key: [UInt8]

  init(_ record: borrowing IndexedRecord) {
    (place, kind, deadline) = (record.place, record.kind, record.deadline)
    (valueBytes, key) = (record.valueBytes, Array(record.key))
  }
}

/// Reads the records of a segment whose header is known, and their values.
struct SegmentInspection: ~Copyable {
  let header: SegmentHeader
  private let file: InspectedFile
  private(set) var summary: SegmentSummary
  /// In the order in which they lie.
  private(set) var living: [LivingRecord] = []

  /// - Parameter names: those of later lives, to which this one's are added.
  init(_ header: SegmentHeader, _ file: InspectedFile, now: UInt64, names: inout NamesSeen) {
    self.header = header
    self.file = file
    summary = SegmentSummary(header.segment, .free)
    summary.life = header.life
    let reader = Self.reader(header, file)
    guard reader.state != .outlived else { return }
    if reader.state == .sealed { summary.state = .sealed } else if reader.recordCount > 0 { summary.state = .open }
    summary.records = reader.recordCount
    var (living, bytes, dead): ([LivingRecord], Int, Int) = ([], 0, 0)
    reader.forEach { record, isDead in
      let isFirst = names.insert(key: record.key, kind: record.kind)
      if isFirst, !isDead, record.deadline == 0 || record.deadline > now {
        living.append(LivingRecord(record))
        bytes += record.blocks * DiskFormat.blockBytes
      } else {
        dead += record.blocks * DiskFormat.blockBytes
      }
    }
    self.living = living.reversed()
    (summary.living, summary.livingBytes, summary.deadBytes) = (living.count, bytes, dead)
  }

  private static func reader(_ header: SegmentHeader, _ file: InspectedFile) -> SegmentReader {
    SegmentReader(header) { block, bytes in file.read(bytes, at: Int(block) * DiskFormat.blockBytes) }
  }

  // MARK: Verifying

  /// What is wrong with a record; nil when all of it is as it was written.
  func fault(of living: LivingRecord, pieces: UnsafeMutableRawBufferPointer) -> String? {
    let start = Int(living.place) * DiskFormat.blockBytes
    var head = [UInt8](repeating: 0, count: DiskFormat.blockBytes)
    guard head.withUnsafeMutableBytes({ file.read($0, at: start) }) else { return "its header cannot be read" }
    if let blocks = head.withUnsafeBytes({ RecordHeader.headerBlocks(claimedBy: $0) }), blocks > 1 {
      head = [UInt8](repeating: 0, count: blocks * DiskFormat.blockBytes)
      guard head.withUnsafeMutableBytes({ file.read($0, at: start) }) else { return "its header cannot be read" }
    }
    return head.withUnsafeBytes { bytes in
      guard let view = RecordView(bytes, segment: header.segment, life: header.life, place: living.place),
        view.valueBytes == living.valueBytes, view.key.elementsEqual(living.key)
      else { return "its header is damaged" }
      return fault(of: view, valueAt: start + bytes.count, pieces)
    }
  }

  private func fault(of view: RecordView, valueAt start: Int, _ pieces: UnsafeMutableRawBufferPointer) -> String? {
    for number in 0..<view.pieceCount {
      let offset = number * DiskFormat.pieceBytes
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: pieces[..<min(DiskFormat.pieceBytes, view.valueBytes - offset)])
      guard file.read(piece, at: start + offset) else { return "its value cannot be read at byte \(offset)" }
      guard view.holds(piece: number, UnsafeRawBufferPointer(piece)) else {
        return "its value is not what was written, within \(piece.count) bytes from byte \(offset)"
      }
    }
    return nil
  }

  /// Pages of graves that cannot be read, or are not of this life. The other copy counts, and is alone.
  func damagedGraves() -> [String] {
    var found: [String] = []
    let layout = header.layout
    for copy in 0..<SegmentLayout.graveCopies {
      for page in 0..<layout.gravePages {
        let block = layout.graveBlock(page: page, copy: copy)
        var bytes = [UInt8](repeating: 0, count: DiskFormat.blockBytes)
        let isRead = bytes.withUnsafeMutableBytes { file.read($0, at: Int(block) * DiskFormat.blockBytes) }
        let life = bytes.withUnsafeBytes { Graves.life(ofPage: page, $0, segment: header.segment) }
        if !isRead || life != header.life { found.append("a copy of its graves is damaged, block \(block)") }
      }
    }
    return found
  }
}

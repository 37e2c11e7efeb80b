import Disk
import IO
import Store

/// A segment file of a device, as its loop knows it.
final class Segment {
  enum State {
    /// Nothing in it means anything.
    case free
    /// Records are appended.
    case open
    /// No more come; its index has yet to be written.
    case full
    /// Records lie in it, and no more come.
    case sealed
    /// What it holds is being given up.
    case leaving
  }

  struct Record {
    var ref: ValueRef
    var place: DiskPlace
    var blocks: UInt32
  }

  let number: Int
  var file: DeviceFile
  var state = State.free
  var life: UInt64 = 0
  var epoch: UInt64 = 0
  var graves: Graves
  /// In the order in which they lie, the dead among them.
  var records: [Record] = []
  var index = SegmentIndexBuilder()
  /// Where the next record begins.
  var tail: UInt32
  /// In the order in which they lie, of what was written.
  var usedBlocks: Int { Int(tail) - Int(firstBlock) }
  private let firstBlock: UInt32
  var livingBlocks = 0
  var livingRecords = 0
  var readers = 0
  /// Batches that are made for it, or being written.
  var batches = 0
  /// Of its graves: changed, and not on the device yet.
  var unwrittenPages: Set<Int> = []
  /// For a planted bug: the device says already that it is one.
  var wasUsed = false

  init(number: Int, file: DeviceFile, layout: SegmentLayout) {
    (self.number, self.file) = (number, file)
    graves = Graves(blocks: layout.blocks)
    tail = layout.firstBlock
    firstBlock = layout.firstBlock
  }

  /// Another life begins: what lay in it is forgotten.
  func begin(life: UInt64, epoch: UInt64, layout: SegmentLayout) {
    (self.life, self.epoch) = (life, epoch)
    graves = Graves(blocks: layout.blocks)
    records.removeAll()
    index = SegmentIndexBuilder()
    tail = layout.firstBlock
    (livingBlocks, livingRecords) = (0, 0)
    unwrittenPages = []
  }

  /// Whether what it holds may still be read.
  var isReadable: Bool { state != .free }
}

extension Segment {
  func append(_ record: Record) {
    records.append(record)
    livingBlocks += Int(record.blocks)
    livingRecords += 1
  }

  func noteDead(_ record: Record) {
    livingBlocks -= Int(record.blocks)
    livingRecords -= 1
  }

  /// The record that begins at a block.
  func record(at block: Int) -> Record? {
    var (low, high) = (0, records.count)
    while low < high {
      let middle = (low + high) / 2
      if records[middle].place.block < block { low = middle + 1 } else { high = middle }
    }
    return low < records.count && records[low].place.block == block ? records[low] : nil
  }
}

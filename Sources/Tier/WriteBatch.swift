import Base
import Disk
import Glibc
import IO
import Store

/// Values on their way to a device, side by side in an open segment, from where the first begins.
final class WriteBatch: @unchecked Sendable {
  struct Member: ~Copyable {
    let departure: Departure
    let header: RecordHeader
    let head: AlignedBuffer
  }

  let segment: Segment
  let transfer: Transfer
  private var members = Queue<Member>()
  private(set) var tail: UInt32
  private(set) var index: SegmentIndexBuilder
  private(set) var valueBytes = 0
  private let bytesMax: Int
  private static let padding = AlignedBuffer(byteCount: DiskFormat.blockBytes)

  /// Behind another one of the segment that is being written, or where the segment ends at present.
  init(_ segment: Segment, behind previous: WriteBatch?, bytesMax: Int, loop: EventLoop, gate: DeviceGate) {
    self.bytesMax = bytesMax
    (self.segment, tail, index) = (segment, previous?.tail ?? segment.tail, previous?.index ?? segment.index)
    segment.batches += 1
    transfer = Transfer(.write, at: Int(tail) * DiskFormat.blockBytes, loop: loop, gate: gate)
  }

  var count: Int { members.count }
  var isFull: Bool { valueBytes >= bytesMax || count >= Limits.batchRecordsMax }

  /// Whether the segment has room for a record of this size, and for its index behind it.
  func hasRoom(for sizes: RecordSizes, of layout: SegmentLayout) -> Bool {
    Int(tail) + sizes.blocks + index.blocks(with: sizes) <= Int(layout.blocks)
  }

  func add(_ departure: consuming Departure, _ header: RecordHeader, life: UInt64) {
    let head = AlignedBuffer(byteCount: header.headerBlocks * DiskFormat.blockBytes)
    header.write(to: head.bytes, segment: UInt32(segment.number), life: life)
    transfer.append(head.bytes)
    departure.forEachRegion { transfer.append($0, $1) }
    if (header.headerBlocks + header.valueBlocks) % 2 == 1 { transfer.append(Self.padding.bytes) }
    index.append(header)
    tail += UInt32(header.blocks)
    valueBytes += header.valueBytes
    members.append(Member(departure: departure, header: header, head: head))
  }

  func takeMember() -> Member? { members.popFirst() }
}

extension Departure {
  /// Where its bytes lie, in whole blocks; 0 fills the last one.
  borrowing func forEachRegion(_ visit: (UnsafeMutableRawPointer, Int) -> Void) {
    let regions = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 64)
    defer { regions.deallocate() }
    var place = 0
    while place < pin.length {
      let count = pin.regions(from: place, max: pin.length - place, into: regions)
      for index in 0..<count {
        let (start, bytes) = (regions[index].iov_base!, regions[index].iov_len)
        let whole = DiskFormat.blocks(of: bytes) * DiskFormat.blockBytes
        if whole > bytes { memset(start + bytes, 0, whole - bytes) }
        place += bytes
        visit(start, whole)
      }
    }
  }
}

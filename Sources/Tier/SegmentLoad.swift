import Base
import Disk
import IO
import Store

/// One segment as it is found.
struct SegmentLoad {
  let device: Device
  let segment: Segment
  let header: SegmentHeader

  init(_ device: Device, _ segment: Segment, _ header: SegmentHeader) {
    (self.device, self.segment, self.header) = (device, segment, header)
  }

  func run(_ names: inout NamesSeen) async throws(IOFailure) {
    segment.state = .leaving
    guard try await readGraves() else { return }
    // It can be read while it is gone through.
    segment.state = .sealed
    let isComplete: Bool
    let index = try await readIndex()
    if let index {
      isComplete = take(index, &names)
    } else {
      let records = try await scan()
      try await buryTorn(records)
      isComplete = take(records, &names)
      for record in records { segment.index.append(record) }
    }
    // From here on others look for them.
    segment.records.reverse()
    if let last = segment.records.last { segment.tail = UInt32(last.place.block) + last.blocks }
    if index == nil { _ = await device.seal(segment) }
    device.keptGraves[segment.number] = nil
    if !segment.graves.isEmpty { device.gravesAreDirty = true }
    if !isComplete {
      device.log.warning(
        "memory has no room to know all that the disk holds: some of it is given up", ["path": .text(device.path)])
      await device.reclaim(segment)
    }
  }

  /// False when a later life has begun: nothing in it counts.
  private func readGraves() async throws(IOFailure) -> Bool {
    let layout = header.layout
    let count = SegmentLayout.graveCopies * layout.gravePages
    let buffer = try await device.readBlocks(count, at: 1, of: segment)
    for copy in 0..<SegmentLayout.graveCopies {
      for page in 0..<layout.gravePages {
        let block = UnsafeRawBufferPointer(buffer.block(Int(layout.graveBlock(page: page, copy: copy)) - 1))
        if let life = Graves.life(ofPage: page, block, segment: header.segment), life > header.life {
          device.lastLife = max(device.lastLife, life)
          return false
        }
        _ = segment.graves.merge(page: page, block, segment: header.segment, life: header.life)
      }
    }
    return true
  }

  // MARK: By its index

  private func readIndex() async throws(IOFailure) -> AlignedBuffer? {
    let blocks = Int(header.blocks)
    let last = try await device.readBlocks(1, at: blocks - 1, of: segment)
    guard let place = SegmentIndex.place(claimedBy: UnsafeRawBufferPointer(last.bytes), segmentBlocks: header.blocks)
    else { return nil }
    let first = try await device.readBlocks(1, at: Int(place), of: segment)
    guard (blocks - Int(place)) * DiskFormat.blockBytes <= Limits.indexBytesMax,
      SegmentIndex.blocks(claimedBy: UnsafeRawBufferPointer(first.bytes)) == blocks - Int(place)
    else { return nil }
    let index = try await device.readBlocks(blocks - Int(place), at: Int(place), of: segment)
    let isIntact = SegmentIndex.forEach(
      in: UnsafeRawBufferPointer(index.bytes), segment: header.segment, life: header.life
    ) { _ in false }
    return isIntact ? index : nil
  }

  /// False when memory has no room for all.
  func take(_ index: AlignedBuffer, _ names: inout NamesSeen) -> Bool {
    var isComplete = true
    _ = SegmentIndex.forEach(
      in: UnsafeRawBufferPointer(index.bytes), segment: header.segment, life: header.life, latestFirst: true
    ) { record in
      let found = Found(
        kind: record.kind, tag: record.tag, sequence: record.sequence, place: record.place,
        valueBytes: record.valueBytes, deadline: record.deadline, meta: record.meta,
        headerBlocks: record.headerBlocks, blocks: record.blocks)
      isComplete = take(found, record.key, record.annotation, &names, adopts: isComplete) && isComplete
      return true
    }
    return isComplete
  }

  // MARK: Taking a record in

  struct Found {
    var kind: UInt8
    var tag: UInt8
    var sequence: UInt64
    var place: UInt32
    var valueBytes: Int
    var deadline: UInt64
    var meta: ObjectMeta
    var headerBlocks: Int
    var blocks: Int
  }

  /// False when memory has no room for it.
  func take(
    _ found: Found, _ key: UnsafeRawBufferPointer, _ annotation: UnsafeRawBufferPointer, _ names: inout NamesSeen,
    adopts: Bool
  ) -> Bool {
    // What a damaged index says is checked before it is believed.
    guard found.place >= header.layout.firstBlock, Int(found.place) + found.blocks <= Int(header.blocks),
      found.headerBlocks <= DiskPlace.headerBlocksMax, found.sequence < .max / 2
    else { return true }
    device.lastSequence = max(device.lastSequence, found.sequence)
    let isFirst = names.insert(key: key, kind: found.kind)
    if let kept = device.keptGraves[segment.number], kept.life == header.life, kept.graves.contains(found.place) {
      segment.graves.insert(found.place)
    }
    guard !segment.graves.contains(found.place) else { return true }
    guard adopts else { return false }
    let place = DiskPlace(
      device: device.number, segment: segment.number, block: Int(found.place), headerBlocks: found.headerBlocks)
    guard isFirst, let deadline = deadline(found.deadline) else {
      segment.graves.insert(found.place)
      return true
    }
    let kind = ValueKind(rawValue: found.kind)
    let record = FoundRecord(
      kind: kind, tag: found.tag, length: found.valueBytes, deadline: deadline,
      meta: kind == .withMeta ? found.meta : nil,
      place: place)
    switch device.lane.adopt(record, key: key, annotation: annotation, now: device.loop.now) {
    case .adopted(let ref):
      segment.append(Segment.Record(ref: ref, place: place, blocks: UInt32(found.blocks)))
      device.metrics.recordsFound.add()
    case .outdated: segment.graves.insert(found.place)
    case .noRoom: return false
    }
    return true
  }

  /// On the clock of the store; nil when it has passed.
  private func deadline(_ wall: UInt64) -> UInt64? {
    guard wall != 0 else { return 0 }
    let left = Int64(clamping: wall) - Int64(device.configuration.wallMilliseconds())
    guard left > 0 else { return nil }
    return EntryDeadline.milliseconds(device.loop.exactNow) + UInt64(left)
  }
}

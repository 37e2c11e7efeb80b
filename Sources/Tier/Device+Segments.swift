import Base
import Disk
import IO
import Store

/// Segments as they are begun, filled, sealed and used again.
extension Device {
  /// Whether any segment can hold it.
  func fits(_ sizes: RecordSizes) -> Bool {
    let index = SegmentIndexBuilder().blocks(with: sizes)
    return sizes.headerBlocks <= DiskPlace.headerBlocksMax
      && Int(layout.firstBlock) + sizes.blocks + index <= Int(layout.blocks)
  }

  /// The segment to write to: the open one while it has room, or another one. Behind a batch that is being written it is the
  /// same, or none.
  func segment(for sizes: RecordSizes, behind previous: WriteBatch?) async -> Segment? {
    if let previous { return previous.hasRoom(for: sizes, of: layout) ? previous.segment : nil }
    if let open, Int(open.tail) + sizes.blocks + open.index.blocks(with: sizes) <= Int(layout.blocks) { return open }
    if let full = open {
      open = nil
      guard await seal(full) else { return nil }
    }
    while isWorking, !isEnding || loop.now < endsAt {
      if let free = await freeSegment() {
        free.state = .open
        open = free
        return free
      }
      // One is being reclaimed.
      await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds)
    }
    return nil
  }

  private func freeSegment() async -> Segment? {
    if let free = segments.first(where: { $0?.state == .free }), let free {
      // Lives follow the order of writing, and belong to the present epoch.
      if free.life == lastLife, free.epoch == header.epoch { return free }
      return await beginLife(of: free) ? free : nil
    }
    guard mayClaim, let number = segments.firstIndex(where: { $0 == nil }) else { return nil }
    return await makeSegment(number)
  }

  /// Claims a file for it. A device that is full does with those that it has.
  private func makeSegment(_ number: Int) async -> Segment? {
    do throws(DirectoryFailure) {
      let name = DiskFormat.segmentName(UInt32(number))
      let file = try directory.make(name, byteCount: Int(layout.blocks) * DiskFormat.blockBytes)
      try directory.sync()
      let segment = Segment(number: number, file: file, layout: layout)
      guard await beginLife(of: segment) else {
        directory.close(file)
        return nil
      }
      segments[number] = segment
      return segment
    } catch {
      let made = segments.count { $0 != nil }
      if made >= Limits.segmentsMin {
        log.warning(
          "\(error); the disk goes on with \(made) segments of \(segments.count)", ["path": .text(path)])
        mayClaim = false
      } else {
        noteFailure(claiming: error)
      }
      return nil
    }
  }

  /// What lies in it is dead from here on, and nothing that was written for it before is believed.
  func beginLife(of segment: Segment) async -> Bool {
    lastLife += 1
    segment.begin(life: lastLife, epoch: header.epoch, layout: layout)
    #if DEBUG
      if hasPlanted(.believeOldLife), segment.wasUsed {
        segment.state = .free
        return true
      }
      segment.wasUsed = true
    #endif
    segment.state = .leaving
    let buffer = AlignedBuffer(
      byteCount: Int(1 + SegmentLayout.graveCopies * layout.gravePages) * DiskFormat.blockBytes)
    let header = SegmentHeader(
      device: self.header.device, segment: UInt32(segment.number), blocks: layout.blocks, life: segment.life,
      epoch: self.header.epoch)
    header.write(to: buffer.block(0))
    for page in 0..<layout.gravePages {
      for copy in 0..<SegmentLayout.graveCopies {
        let block = Int(layout.graveBlock(page: page, copy: copy))
        segment.graves.writePage(page, to: buffer.block(block), segment: UInt32(segment.number), life: segment.life)
      }
    }
    // The header in a write of its own: one that is lost shows by the life of the graves.
    let graves = Transfer(.write, at: DiskFormat.blockBytes, loop: loop, gate: gate)
    graves.append(buffer.part(DiskFormat.blockBytes..<buffer.bytes.count))
    let first = Transfer(.write, at: 0, loop: loop, gate: gate)
    first.append(buffer.block(0))
    do throws(IOFailure) {
      try await first.run(segment.file)
      try await graves.run(segment.file)
      // What is written behind them counts only where they do.
      try await loop.sync(segment.file)
      metrics.bytesWritten.add(first.byteCount + graves.byteCount)
      segment.state = .free
      return true
    } catch {
      metrics.writeFailures.add()
      noteFailure(writing: error)
      return false
    }
  }

  /// Ends it in its index. Without one it is scanned by the next process, which takes longer.
  func seal(_ segment: Segment) async -> Bool {
    segment.state = .sealed
    let index = segment.index
    let place = layout.blocks - UInt32(index.blocks)
    let buffer = AlignedBuffer(byteCount: index.blocks * DiskFormat.blockBytes)
    index.write(to: buffer.bytes, at: place, segment: UInt32(segment.number), life: segment.life)
    segment.index = SegmentIndexBuilder()
    let transfer = Transfer(.write, at: Int(place) * DiskFormat.blockBytes, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    do throws(IOFailure) {
      // What the index names is on the device before it.
      try await loop.sync(segment.file)
      try await transfer.run(segment.file)
      metrics.bytesWritten.add(transfer.byteCount)
      return true
    } catch {
      metrics.writeFailures.add()
      noteFailure(writing: error)
      return false
    }
  }

  // MARK: Reclaiming

  /// Keeps a segment free ahead of the writer.
  func reclaim() async {
    while isWorking {
      if let victim = needsSegment ? victim() : nil {
        await reclaim(victim)
      } else {
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
      }
    }
  }

  private var needsSegment: Bool {
    let spare = segments.count { $0.map { $0.state == .free } ?? mayClaim }
    // What is known of values on devices takes memory, which others need too.
    let snapshot = store.snapshot()
    return spare < 1 || snapshot.away * snapshot.recordBytesEach > snapshot.budgetBytes / Limits.awayShare
  }

  /// The one of which hardly anything lives, or the oldest.
  private func victim() -> Segment? {
    let sealed = segments.compactMap { $0 }.filter { $0.state == .sealed }
    guard let oldest = sealed.min(by: { $0.life < $1.life }),
      let least = sealed.min(by: { $0.livingBlocks < $1.livingBlocks })
    else { return nil }
    return least.livingBlocks * 100 < Int(layout.blocks) * Limits.livingPercentMin ? least : oldest
  }

  /// Gives up what a segment holds. What a client counts on, or has come back for before, is brought into memory first, from
  /// where it is written again.
  func reclaim(_ segment: Segment) async {
    segment.state = .leaving
    var rescue = Rescue(
      blocksLeft: segment.usedBlocks * Limits.rescuedPercentMax / 100, deadline: loop.now + Limits.rescueNanoseconds)
    for (number, record) in segment.records.enumerated() {
      if number % Limits.recordsPerTurn == 0 { await loop.bulkTurn(bytes: Limits.transferSliceBytes) }
      await giveUp(record, in: segment, &rescue)
    }
    // Nobody can find it any more.
    while isBeingRead(segment) { await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds) }
    takeNews()
    guard await beginLife(of: segment) else { return }
    metrics.segmentsReclaimed.add()
    loop.nudge()
  }

  private func isBeingRead(_ segment: Segment) -> Bool {
    #if DEBUG
      if hasPlanted(.reuseUnderReader) { return false }
    #endif
    return segment.readers > 0
  }

  /// What may still be kept of a segment that goes.
  private struct Rescue {
    var blocksLeft: Int
    /// For what was promised.
    var deadline: UInt64
  }

  private func giveUp(_ record: Segment.Record, in segment: Segment, _ rescue: inout Rescue) async {
    // What was brought up stays until its place is lost: it would leave for there again.
    var kept: BroughtValue?
    while true {
      if case .away(let value) = lane.locate(record.ref, now: loop.now), value.place == record.place,
        value.isPromised || value.wasRead && rescue.blocksLeft >= Int(record.blocks)
      {
        switch await bringUp(value, isStaged: { false }) {
        case .here(let brought):
          kept = brought
          rescue.blocksLeft -= Int(record.blocks)
          metrics.recordsRescued.add()
        case .noRoom where value.isPromised && trouble == nil && loop.now < rescue.deadline:
          await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds)
          continue
        case .noRoom, .lost: break
        }
      }
      let spares = trouble == nil && loop.now < rescue.deadline
      let loss = withExtendedLifetime(kept) {
        lane.loseCopy(record.ref, at: record.place, sparesPromised: spares)
      }
      if loss == .gone { metrics.recordsReclaimed.add() }
      // What was promised since is looked at again.
      if loss == .promised { continue }
      if loss == .inMemory { keep(record, isBroughtUp: kept != nil, &rescue) }
      break
    }
    // Whatever becomes of it from here on, this copy is not to come back.
    if !segment.graves.contains(UInt32(record.place.block)) {
      segment.graves.insert(UInt32(record.place.block))
      segment.noteDead(record)
      gravesAreDirty = true
    }
  }
}

extension AlignedBuffer {
  func block(_ number: Int) -> UnsafeMutableRawBufferPointer {
    part(number * DiskFormat.blockBytes..<(number + 1) * DiskFormat.blockBytes)
  }

  /// What memory has as well is written again if it was brought up for that, or has come back. All the rest waits for its
  /// eviction: where memory has more than the device, each copy would cost another one its place, without end.
  private func keep(_ record: Segment.Record, isBroughtUp: Bool, _ rescue: inout Rescue) {
    guard books.offering == .stored else { return }
    if !isBroughtUp {
      guard rescue.blocksLeft >= Int(record.blocks), lane.hasComeBack(record.ref) else { return }
      rescue.blocksLeft -= Int(record.blocks)
    }
    _ = waiting.add([record.ref], at: loop.now)
  }
}

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

  /// The segment to write to, behind a batch that is being written: the open one while it has room, or another one.
  func segment(for sizes: RecordSizes, behind previous: WriteBatch?) async -> Segment? {
    if let open {
      if hasRoom(for: sizes, in: open, behind: previous) { return open }
      close(open)
    }
    while isWorking, !isEnding || loop.now < endsAt {
      if let next = spares.min(by: { $0.life < $1.life }) {
        (next.state, openedLife) = (.open, next.life)
        open = next
        // Another one is made ready meanwhile.
        loop.nudge()
        return next
      }
      await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds)
    }
    return nil
  }

  private func hasRoom(for sizes: RecordSizes, in open: Segment, behind previous: WriteBatch?) -> Bool {
    if let previous, previous.segment === open { return previous.hasRoom(for: sizes, of: layout) }
    return Int(open.tail) + sizes.blocks + open.index.blocks(with: sizes) <= Int(layout.blocks)
  }

  private func close(_ segment: Segment) {
    open = nil
    segment.state = .full
    full.append(segment)
    loop.nudge()
  }

  /// Claims a file for it. A device that is full does with those that it has.
  private func makeSegment(_ number: Int) async {
    do throws(DirectoryFailure) {
      let name = DiskFormat.segmentName(UInt32(number))
      let byteCount = Int(layout.blocks) * DiskFormat.blockBytes
      let file = try await calling { directory throws(DirectoryFailure) in
        try directory.make(name, byteCount: byteCount)
      }
      try await calling { directory throws(DirectoryFailure) in try directory.sync() }
      let segment = Segment(number: number, file: file, layout: layout)
      guard await beginLife(of: segment) else { return close(file) }
      segments[number] = segment
      loop.nudge()
    } catch {
      let made = segments.count { $0 != nil }
      if made >= Limits.segmentsMin {
        log.warning(
          "\(error); the disk goes on with \(made) segments of \(segments.count)", ["path": .text(path)])
        mayClaim = false
      } else {
        noteFailure(claiming: error)
      }
    }
  }

  /// What lies in it is dead from here on, and nothing that was written for it before is believed.
  func beginLife(of segment: Segment) async -> Bool {
    lastLife += 1
    segment.begin(life: lastLife, epoch: header.epoch, layout: layout)
    if hasPlanted(.believeOldLife), segment.wasUsed {
      segment.state = .free
      return true
    }
    segment.wasUsed = true
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
      try await sync(segment.file)
      metrics.bytesWritten.add(first.byteCount + graves.byteCount)
      segment.state = .free
      return true
    } catch {
      metrics.writeFailures.add()
      noteFailure(writing: error)
      return false
    }
  }

  /// Ends what is full, behind the writer's back.
  func sealFull() async {
    while isWorking {
      if let segment = full.first, segment.batches == 0 {
        guard await seal(segment) else { return }
        full.removeFirst()
      } else {
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
      }
    }
  }

  /// Ends it in its index. Without one it is scanned by the next process, which takes longer.
  func seal(_ segment: Segment) async -> Bool {
    defer { segment.state = .sealed }
    let index = segment.index
    let place = layout.blocks - UInt32(index.blocks)
    let buffer = AlignedBuffer(byteCount: index.blocks * DiskFormat.blockBytes)
    index.write(to: buffer.bytes, at: place, segment: UInt32(segment.number), life: segment.life)
    segment.index = SegmentIndexBuilder()
    let transfer = Transfer(.write, at: Int(place) * DiskFormat.blockBytes, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    do throws(IOFailure) {
      // What the index names is on the device before it.
      try await sync(segment.file)
      try await transfer.run(segment.file)
      metrics.bytesWritten.add(transfer.byteCount)
      return true
    } catch {
      metrics.writeFailures.add()
      noteFailure(writing: error)
      return false
    }
  }

  /// They are not written any more; what has no index is scanned.
  func leaveUnsealed() {
    for segment in full { segment.state = .sealed }
    open?.state = .sealed
    (full, open) = ([], nil)
  }

  // MARK: Reclaiming

  /// Keeps segments ready ahead of the writer: new ones while there is room, then those that were used before.
  func keepSpares() async {
    while isWorking {
      if spares.count < sparesWanted,
        let free = segments.compactMap({ $0 }).first(where: { $0.state == .free && !isReady($0) })
      {
        _ = await beginLife(of: free)
      } else if spares.count < sparesWanted, mayClaim, let number = segments.firstIndex(where: { $0 == nil }) {
        await makeSegment(number)
      } else if spares.count < sparesWanted || knowsTooMuch, let victim = victim() {
        await reclaim(victim)
      } else {
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
      }
    }
  }

  private var spares: [Segment] { segments.compactMap { $0 }.filter { $0.state == .free && isReady($0) } }

  /// Lives follow the order of writing, and belong to the present epoch.
  private func isReady(_ segment: Segment) -> Bool { segment.life > openedLife && segment.epoch == header.epoch }

  /// A second one where it is a small part of the device: a writer may be faster than a reclaim that waits for readers.
  var sparesWanted: Int { segments.count >= Limits.segmentsForSpares ? 2 : 1 }

  /// What is known of values on devices takes memory, which others need too.
  private var knowsTooMuch: Bool {
    let snapshot = store.snapshot()
    return snapshot.away * snapshot.recordBytesEach > snapshot.budgetBytes / Limits.awayShare
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
    // Nothing finds it any more.
    while isBeingRead(segment) { await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds) }
    takeNews()
    guard await beginLife(of: segment) else { return }
    metrics.segmentsReclaimed.add()
    loop.nudge()
  }

  private func isBeingRead(_ segment: Segment) -> Bool {
    segment.readers > 0 && !hasPlanted(.reuseUnderReader)
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

extension AlignedBuffer {
  func block(_ number: Int) -> UnsafeMutableRawBufferPointer {
    part(number * DiskFormat.blockBytes..<(number + 1) * DiskFormat.blockBytes)
  }
}

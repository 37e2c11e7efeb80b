import Base
import Disk
import Glibc
import IO
import Store

/// From memory onto the device, beside all requests: while one batch is written the next is made ready.
extension Device {
  /// Writes what waits until there is trouble, a flush is asked for, or the process ends.
  func write() async {
    var next: WriteBatch?
    while isWorking {
      var made = next
      if made == nil { made = await makeBatch(behind: nil) }
      next = nil
      guard let batch = made else {
        if isEnding { return hasEnded = true }
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
        continue
      }
      async let written = put(batch)
      // Its operations are under way once the loop has turned.
      await loop.bulkTurn(bytes: Limits.transferSliceBytes)
      next = await makeBatch(behind: batch)
      if await !written, let refused = next {
        refuse(refused, .failed)
        next = nil
      }
    }
    if let next { refuse(next, .failed) }
  }

  // MARK: Making a batch

  /// What is being written cannot be evicted: of a small memory it is little.
  private var batchBytes: Int { min(Limits.batchBytes, store.budgetBytes / Limits.batchShare) }

  /// Behind another one it is of the same segment while that has room.
  private func makeBatch(behind previous: WriteBatch?) async -> WriteBatch? {
    if isEnding {
      guard loop.now < endsAt, lastLife < lifeAtEnd + livesAtEnd else { return nil }
      takeAll()
    }
    var batch: WriteBatch?
    while batch.map({ !$0.isFull }) ?? true, let departure = nextDeparture() {
      let sizes = RecordSizes(
        keyBytes: departure.said.key.count, annotationBytes: departure.said.annotation.count,
        valueBytes: departure.pin.length)
      guard fits(sizes) else {
        drop(departure, .tooLarge)
        continue
      }
      if batch == nil {
        guard let segment = await segment(for: sizes, behind: previous) else {
          putBack(departure)
          return nil
        }
        let before = previous?.segment === segment ? previous : nil
        batch = WriteBatch(segment, behind: before, bytesMax: batchBytes, loop: loop, gate: gate)
      }
      guard batch!.hasRoom(for: sizes, of: layout) else {
        putBack(departure)
        break
      }
      await add(departure, to: batch!)
    }
    return batch
  }

  /// What is written since the end began is not to make way for what comes behind it, which is worth less: not for the
  /// spares that are made ready meanwhile, nor for those of the next process. It begins in the open segment and in the spares
  /// that there were.
  private var livesAtEnd: UInt64 { UInt64(max(1, segments.count - 1 - 3 * sparesWanted)) }

  /// At the end all that memory has is to be written, the most valuable first, whatever waited for what before.
  private func takeAll() {
    guard !hasTakenAll else { return }
    hasTakenAll = true
    for ref in waiting.takeLeaving() { lane.endLeaving(ref) }
    waiting.removeAll()
    returned.removeAll()
    _ = waiting.add(store.newestFirst(for: number, countMax: Limits.waitingMax), at: 0)
  }

  /// Its turn comes again, before all others'.
  private func putBack(_ departure: consuming Departure) {
    let ref = departure.ref
    _ = consume departure
    _ = lane.endWriting(ref, at: nil)
    returned.append(ref)
  }

  /// What is to be written next, as far as the rate allows.
  private func nextDeparture() -> Departure? {
    let isOpen = isEnding || bucket.isOpen(at: loop.now)
    while isOpen, let ref = returned.popLast() {
      if let departure = lane.beginWriting(ref, now: loop.now) { return departure }
    }
    while let ref = waiting.nextLeaving() {
      guard isOpen || configuration.writesAll else {
        lane.refuse(ref)
        metrics.count(.rate)
        continue
      }
      if let departure = lane.beginWriting(ref, now: loop.now) { return departure }
      // It is written, or being written, or gone.
      lane.endLeaving(ref)
    }
    if !isOpen { passBy() }
    let before = isEnding ? loop.now : loop.now - min(loop.now, Limits.settledNanoseconds)
    // What is written already, or has gone, is passed over.
    while isOpen, let ref = waiting.next(storedBefore: before) {
      if let departure = lane.beginWriting(ref, now: loop.now) { return departure }
    }
    return nil
  }

  /// More is stored than may be written: what has come back meanwhile is worth the wait, the rest is not.
  private func passBy() {
    guard !configuration.writesAll else { return }
    let before = loop.now - min(loop.now, Limits.rateWaitNanoseconds)
    var looks = Limits.passedByMax
    while looks > 0, let ref = waiting.next(storedBefore: before) {
      looks -= 1
      if lane.hasComeBack(ref), returned.count < Limits.waitingMax {
        returned.append(ref)
      } else {
        metrics.count(.rate)
      }
    }
  }

  private func add(_ departure: consuming Departure, to batch: WriteBatch) async {
    lastSequence += 1
    let (sequence, length) = (lastSequence, departure.pin.length)
    var regions: [iovec] = []
    departure.forEachRegion { regions.append(iovec(iov_base: $0, iov_len: $1)) }
    var pieces: [UInt64] = []
    var (rest, left) = (regions[...], length)
    while left > 0 {
      let bytes = min(left, DiskFormat.pieceBytes)
      pieces.append(PieceChecksums.next(pieces.count, bytes, &rest, sequence: sequence))
      left -= bytes
      // Sums of a large value take milliseconds, and replies wait for this loop.
      if pieces.count % 4 == 0 { await loop.bulkTurn(bytes: Limits.transferSliceBytes) }
    }
    let said = said(of: departure)
    let header = RecordHeader(
      kind: said.kind.rawValue, tag: said.tag, sequence: sequence, place: batch.tail, valueBytes: length,
      deadline: wallDeadline(said.deadline), meta: said.meta ?? ObjectMeta(format: 0, type: 0, shape: (0, 0, 0, 0)),
      key: said.key, annotation: said.annotation, pieces: pieces)
    batch.add(departure, header, life: batch.segment.life)
  }

  private func said(of departure: borrowing Departure) -> Departure.Said {
    let said = departure.said
    if hasPlanted(.writeOldSaid) {
      if let first = firstSaid[said.key], first.kind == said.kind { return first }
      firstSaid[said.key] = said
    }
    return said
  }

  // MARK: Writing it

  /// False when it could not be written.
  private func put(_ batch: WriteBatch) async -> Bool {
    let begun = loop.now
    do throws(IOFailure) {
      try await batch.transfer.run(batch.segment.file)
    } catch {
      metrics.writeFailures.add()
      refuse(batch, .failed, mayBeThere: true)
      noteFailure(writing: error)
      return false
    }
    failuresInRow = 0
    if !batch.segment.file.isDirect { await dropCache(behind: batch) }
    metrics.writeLatency.record(nanoseconds: loop.exactNow - begun)
    metrics.bytesWritten.add(batch.transfer.byteCount)
    bucket.take(batch.transfer.byteCount)
    settle(batch)
    return true
  }

  /// They are on the device now, those among them that were not changed meanwhile.
  private func settle(_ batch: WriteBatch) {
    let segment = batch.segment
    (segment.tail, segment.index) = (batch.tail, batch.index)
    while let member = batch.takeMember() {
      let (header, ref) = (member.header, member.departure.ref)
      _ = consume member
      let place = DiskPlace(
        device: number, segment: segment.number, block: Int(header.place), headerBlocks: header.headerBlocks)
      segment.append(Segment.Record(ref: ref, place: place, blocks: UInt32(header.blocks)))
      metrics.recordsWritten.add()
      metrics.valueBytesWritten.add(header.valueBytes)
      if !lane.endWriting(ref, at: place) { bury(place) }
    }
    end(batch)
  }

  /// A full segment may be waiting for it.
  private func end(_ batch: WriteBatch) {
    batch.segment.batches -= 1
    if batch.segment.state == .full { loop.nudge() }
  }

  /// What was written in part is not to be believed when the segment is scanned.
  private func refuse(_ batch: WriteBatch, _ reason: DeviceMetrics.Drop, mayBeThere: Bool = false) {
    while let member = batch.takeMember() {
      if mayBeThere {
        batch.segment.graves.insert(member.header.place)
        gravesAreDirty = true
      }
      let ref = member.departure.ref
      _ = consume member
      drop(ref, reason)
    }
    end(batch)
  }

  private func drop(_ departure: consuming Departure, _ reason: DeviceMetrics.Drop) {
    let ref = departure.ref
    _ = consume departure
    drop(ref, reason)
  }

  func drop(_ ref: ValueRef, _ reason: DeviceMetrics.Drop) {
    metrics.count(reason)
    _ = lane.endWriting(ref, at: nil)
    lane.refuse(ref)
  }

  private func dropCache(behind batch: WriteBatch) async {
    // What is not on the device yet cannot be dropped.
    try? await sync(batch.segment.file)
    guard let first = batch.transfer.slices.first else { return }
    directory.dropCache(batch.segment.file, first.offset..<first.offset + batch.transfer.byteCount)
  }

  /// Deadlines on a device are of the clock on the wall.
  private func wallDeadline(_ deadline: UInt64) -> UInt64 {
    guard deadline != 0 else { return 0 }
    let left = Int64(deadline) - Int64(EntryDeadline.milliseconds(loop.exactNow))
    return UInt64(max(1, Int64(configuration.wallMilliseconds()) + left))
  }
}

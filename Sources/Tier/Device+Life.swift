import Base
import Disk
import IO
import Store

/// From the first look for its directory to the end.
extension Device {
  func live() async {
    while !isOver {
      if isEnding { return await end() }
      await withDiscardingTaskGroup { group in
        isLiving = true
        group.addTask { await self.watch() }
        await beginAndWork()
        isLiving = false
        loop.nudge()
      }
      if isEnding { return await end() }
      if trouble != nil { await rest() }
    }
  }

  private func beginAndWork() async {
    if await begin(), trouble == nil {
      await work()
    } else if case .noWrites(let reason) = trouble {
      // A directory that cannot be begun with cannot be read either: what it holds may not be told from what it held.
      goOff(reason)
    }
  }

  /// Serves until it is off, or the process ends.
  private func work() async {
    while true {
      news.isWriting = true
      takeStock()
      status.state = .serving
      status.reason = ""
      await withDiscardingTaskGroup { group in
        group.addTask { await self.write() }
        group.addTask { await self.sealFull() }
        group.addTask { await self.keepSpares() }
        group.addTask { await self.keepGraves() }
        group.addTask { await self.keepKnowledge() }
        group.addTask { await self.keepStatus() }
      }
      if wantsFlush, trouble == nil { await forgetEverything() }
      if hasEnded { return }
      switch trouble {
      case nil: continue
      case .off: return
      case .noWrites(let reason):
        await pause(reason)
        if isEnding { return }
        if case .off = trouble { return }
        trouble = nil
        // What could not be emptied is tried again.
        for segment in segments.compactMap({ $0 }) where segment.state == .leaving { _ = await beginLife(of: segment) }
      }
    }
  }

  /// What was stored while the device took nothing in waits as well, the newest of it.
  private func takeStock() {
    guard books.offering == .stored else { return }
    _ = waiting.add(store.newestFirst(for: number, countMax: Limits.stockMax), at: loop.now)
  }

  /// Nothing is written for a while; what is there can be read.
  private func pause(_ reason: String) async {
    refuseWrites(reason)
    // What was being written has no known end.
    leaveUnsealed()
    let until = loop.now + Limits.deviceRestNanoseconds
    while loop.now < until, !isEnding {
      if case .off = trouble { return }
      answerFlushes(false)
      await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
    }
    failuresInRow = 0
    mayClaim = true
    log.info("the disk is written again", ["path": .text(path)])
  }

  func stopWriting() {
    news.isWriting = false
    takeNews()
    for ref in waiting.takeLeaving() { drop(ref, .failed) }
    waiting.removeAll()
    returned.removeAll()
  }

  /// It is left alone, and begins anew after a while: what only it had is not to be had meanwhile.
  private func rest() async {
    guard case .off(let reason) = trouble else { return }
    // Once more, where it has left already: writes may have ended since.
    await leave(reason)
    await letGo()
    let until = loop.now + Limits.deviceRestNanoseconds
    while loop.now < until || gate.hangs, !isEnding {
      answerFlushes(false)
      await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
    }
    (trouble, failuresInRow, mayClaim) = (nil, 0, true)
  }

  func loseEverything() async {
    for segment in segments.compactMap({ $0 }) { await loseCopies(of: segment) }
    takeNews()
  }

  private func loseCopies(of segment: Segment) async {
    for (number, record) in segment.records.enumerated() {
      if number % Limits.recordsPerTurn == 0 { await loop.bulkTurn(bytes: Limits.transferSliceBytes) }
      lane.loseCopy(record.ref, at: record.place)
    }
  }

  /// Closes its files once nothing is under way.
  private func letGo() async {
    var files = [headerFile].compactMap { $0 }
    for segment in segments.compactMap({ $0 }) {
      if !segment.graves.isEmpty { keptGraves[segment.number] = (segment.life, segment.graves) }
      if segment.readers == 0 { files.append(segment.file) } else { orphans.append(segment) }
    }
    leaveUnsealed()
    (segments, headerFile) = ([], nil)
    try? await calling { [files] directory in
      for file in files { directory.close(file) }
      directory.unlock()
    }
  }

  private func end() async {
    takeNews()
    if status.state == .readOnly { await keepGraves() }
    if status.state == .serving {
      for segment in full + [open].compactMap({ $0 }) { _ = await seal(segment) }
      (full, open) = ([], nil)
      await keepGraves()
      await saveKnowledge()
      for segment in segments.compactMap({ $0 }) { try? await sync(segment.file) }
      log.info(
        "the disk is closed",
        ["path": .text(path), "records": .number(segments.reduce(0) { $0 + ($1?.records.count ?? 0) })])
    }
    news.isWriting = false
    await letGo()
    isOver = true
    loop.nudge()
  }

  // MARK: Failures

  func noteFailure(writing failure: IOFailure) {
    failuresInRow += 1
    switch failure {
    case .deviceGone: goOff(failure.reason)
    case .outOfSpace, .readOnly: stop(failure.reason)
    default: if failuresInRow >= Limits.failuresInRowMax { goOff(failure.reason) } else { stop(failure.reason) }
    }
  }

  func noteFailure(reading failure: IOFailure, of segment: Segment) {
    // What was let go meanwhile says nothing of what is here now.
    guard segments[checked: segment.number] === segment else { return }
    failuresInRow += 1
    // What is written meanwhile makes it no better.
    let count = max(failuresInRow, unread.count)
    if failure == .deviceGone || count >= Limits.failuresInRowMax { goOff(failure.reason) }
  }

  func noteFailure(claiming failure: DirectoryFailure) { stop("\(failure)") }

  func stop(_ reason: String) {
    guard trouble == nil else { return }
    trouble = .noWrites(reason)
    log.warning("the disk is not written for now", ["path": .text(path), "reason": .text(reason)])
    loop.nudge()
  }

  func goOff(_ reason: String) {
    if isOff { return }
    trouble = .off(reason)
    log.warning("the disk is off for now", ["path": .text(path), "reason": .text(reason)])
    loop.nudge()
  }

  // MARK: Flush

  /// A new epoch is on the device before the answer.
  private func forgetEverything() async {
    guard await beginEpoch() else {
      answerFlushes(false)
      return goOff("the directory could not be emptied")
    }
    answerFlushes(true)
    leaveUnsealed()
    for segment in segments.compactMap({ $0 }) where segment.state != .free {
      guard await empty(segment) else { return }
    }
  }

  /// False when its next life could not be begun.
  func empty(_ segment: Segment) async -> Bool {
    await loseCopies(of: segment)
    segment.state = .leaving
    while segment.readers > 0 { await loop.sleepUntilNudged(nanoseconds: Limits.roomTickNanoseconds) }
    takeNews()
    return await beginLife(of: segment)
  }

  /// In both blocks of the header: one that rots must not bring back what was emptied.
  func beginEpoch() async -> Bool {
    header.epoch += 1
    guard await writeHeader() else { return false }
    return await writeHeader()
  }

  func writeHeader() async -> Bool {
    guard let headerFile else { return false }
    header.count += 1
    let buffer = AlignedBuffer(byteCount: DiskFormat.blockBytes)
    header.write(to: buffer.bytes)
    let transfer = Transfer(.write, at: header.place * DiskFormat.blockBytes, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    do throws(IOFailure) {
      try await transfer.run(headerFile)
      try await sync(headerFile)
      return true
    } catch {
      metrics.writeFailures.add()
      noteFailure(writing: error)
      return false
    }
  }

  // MARK: For others to see

  private func keepStatus() async {
    while isWorking {
      updateStatus()
      await loop.sleepUntilNudged(nanoseconds: 1_000_000_000)
    }
  }

  func updateStatus() {
    var status = status
    status.segments = segments.count
    status.segmentsFree = segments.count { $0 == nil || $0!.state == .free }
    status.segmentBytes = Int(layout.blocks) * DiskFormat.blockBytes
    status.records = segments.reduce(0) { $0 + ($1?.livingRecords ?? 0) }
    status.livingBytes = segments.reduce(0) { $0 + ($1?.livingBlocks ?? 0) } * DiskFormat.blockBytes
    status.allocatedBytes = segments.count { $0 != nil } * status.segmentBytes
    self.status = status
  }
}

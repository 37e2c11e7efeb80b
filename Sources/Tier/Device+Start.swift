import Base
import Disk
import IO
import Store

/// Taking a directory, and finding out whose it is.
extension Device {
  /// True when the device may serve. Otherwise there is trouble, or the process ends.
  func begin() async -> Bool {
    do throws(DirectoryFailure) {
      guard await takeLock(try await calling { directory throws(DirectoryFailure) in try directory.lock() }) else {
        return false
      }
      guard try await openHeader() else { return false }
      if isToBeEmptied, await !beginEpoch() { return false }
      isToBeEmptied = false
      await sayWhatIsMissing()
      try await openSegments()
    } catch {
      goOff("\(error)")
      return false
    }
    await adoptKnowledge()
    guard await load() else { return false }
    knownDevice = header.device
    return true
  }

  /// Another process may have it for a while: rolling updates overlap. Memory serves meanwhile.
  private func takeLock(_ isTaken: Bool) async -> Bool {
    if isTaken { return true }
    status.state = .waiting
    status.reason = "another process has the directory"
    log.info("waiting for another process to let go of the disk", ["path": .text(path)])
    while !isEnding, trouble == nil {
      if (try? await calling { directory throws(DirectoryFailure) in try directory.lock() }) == true {
        status.reason = ""
        return true
      }
      // What it holds is emptied before it is looked at.
      isToBeEmptied = isToBeEmptied || wantsFlush
      answerFlushes(true)
      await loop.sleepUntilNudged(nanoseconds: Limits.lockPauseNanoseconds)
    }
    return false
  }

  // MARK: The header

  private func openHeader() async throws(DirectoryFailure) -> Bool {
    let bytes = 2 * DiskFormat.blockBytes
    guard
      let file = try await calling({ directory throws(DirectoryFailure) in try directory.open(DiskFormat.deviceName) })
    else {
      if knownDevice != nil { return stayOff("the directory is empty: is its volume mounted?") }
      return try await isEmpty() ? format() : refuse("it holds files of something else")
    }
    guard file.byteCount == bytes else {
      close(file)
      return try await refuse("its file '\(DiskFormat.deviceName)' is none of this program")
    }
    headerFile = file
    let buffer = AlignedBuffer(byteCount: bytes)
    let transfer = Transfer(.read, at: 0, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    do throws(IOFailure) { try await transfer.run(file) } catch {
      goOff(error.reason)
      return false
    }
    switch DeviceHeader.find(in: UnsafeRawBufferPointer(buffer.bytes)) {
    case .ours(let found):
      header = found
      layout = SegmentLayout(blocks: found.segmentBlocks)
      let leastBytes = Limits.segmentsMin * Int(found.segmentBlocks) * DiskFormat.blockBytes
      if try await sizeBytes() < leastBytes {
        return try await refuse("its segments are made for a larger size, of \(ByteSize.text(leastBytes)) at least")
      }
      return true
    case .version(let version):
      return try await refuse("it is of format \(version), and this program's is \(DiskFormat.version)")
    case .unknown:
      // Made, and never written.
      if buffer.bytes.allSatisfy({ $0 == 0 }), try await isEmpty() { return try await format() }
      return try await refuse("its header is damaged, or of another program")
    }
  }

  private func isEmpty() async throws(DirectoryFailure) -> Bool {
    try await calling { directory throws(DirectoryFailure) in try DirectoryCheck.isNobodys(directory) }
  }

  /// What cannot be read stays as it is, unless it may be begun afresh.
  private func refuse(_ reason: String) async throws(DirectoryFailure) -> Bool {
    if configuration.formats { return try await format() }
    goOff("\(path): \(reason); --disk-format begins it afresh, which deletes what it holds")
    return false
  }

  private func stayOff(_ reason: String) -> Bool {
    goOff(reason)
    return false
  }

  private func format() async throws(DirectoryFailure) -> Bool {
    if let headerFile { close(headerFile) }
    headerFile = nil
    headerFile = try await calling { directory throws(DirectoryFailure) in
      for name in try directory.names() where DiskFormat.segment(named: name) != nil { try directory.remove(name) }
      return try directory.make(DiskFormat.deviceName, byteCount: 2 * DiskFormat.blockBytes)
    }
    let blocks = try await segmentBytes() / DiskFormat.blockBytes
    header = DeviceHeader(
      device: DeviceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max)), count: 0, epoch: 1,
      segmentBlocks: UInt32(blocks))
    layout = SegmentLayout(blocks: header.segmentBlocks)
    // Both blocks: what is there of another format would count as well.
    guard await writeHeader(), await writeHeader() else { return false }
    try await calling { directory throws(DirectoryFailure) in try directory.sync() }
    log.info(
      "a new disk", ["path": .text(path), "segment": .text(ByteSize.text(blocks * DiskFormat.blockBytes))])
    return true
  }

  /// What the file system does not know costs speed, or shows late: it is said once, at the beginning.
  private func sayWhatIsMissing() async {
    guard let headerFile else { return }
    if !headerFile.isDirect {
      log.warning(
        "the file system knows no O_DIRECT: the disk is read and written through the page cache, which is dropped behind",
        ["path": .text(path)])
    }
    // Only a file that is made shows it: the header is as it was.
    let bytes = headerFile.byteCount
    let same = try? await calling { directory throws(DirectoryFailure) in
      try directory.make(DiskFormat.deviceName, byteCount: bytes)
    }
    if let same { close(same) }
    if !directory.claimsSpace {
      log.warning(
        "the file system cannot claim space (fallocate): a full one shows at a write", ["path": .text(path)])
    }
  }

  // MARK: Segments

  /// What its files may take together.
  private func sizeBytes() async throws(DirectoryFailure) -> Int {
    if let size = configuration.sizeBytes { return size }
    return try await calling { directory throws(DirectoryFailure) in
      (try directory.allocatedBytes() + directory.freeBytes()) / 100 * Limits.freePercentTaken
    }
  }

  private func segmentBytes() async throws(DirectoryFailure) -> Int {
    if let bytes = configuration.segmentBytes { return bytes }
    let share = try await sizeBytes() / Limits.segmentShare / Limits.segmentGrainBytes * Limits.segmentGrainBytes
    return min(max(share, Limits.segmentBytesMin), Limits.segmentBytesMax)
  }

  /// Opens those that there are, as far as the size allows: those beyond it are given up.
  private func openSegments() async throws(DirectoryFailure) {
    let bytes = Int(layout.blocks) * DiskFormat.blockBytes
    let count = (try await sizeBytes() - Limits.besideSegmentsBytes) / bytes
    segments = Array(repeating: nil, count: min(max(count, Limits.segmentsMin), Limits.segmentsMax))
    try await sayWhereSegmentsAreSmall(wanted: count)
    var givenUp = 0
    for name in try await calling({ directory throws(DirectoryFailure) in try directory.names() }) {
      guard let number = DiskFormat.segment(named: name) else { continue }
      guard let file = try await calling({ directory throws(DirectoryFailure) in try directory.open(name) }) else {
        continue
      }
      guard number < segments.count, file.byteCount == bytes else {
        close(file)
        try await calling { directory throws(DirectoryFailure) in try directory.remove(name) }
        if file.byteCount == bytes { givenUp += 1 }
        continue
      }
      segments[Int(number)] = Segment(number: Int(number), file: file, layout: layout)
    }
    if givenUp > 0 {
      log.warning(
        "the disk is smaller than it was: segments beyond its size are deleted, with the chunks in them",
        ["path": .text(path), "deleted": .number(givenUp), "segments": .number(segments.count)])
    }
    updateStatus()
  }

  /// A directory keeps the segments that it was begun with, whatever its size is now.
  private func sayWhereSegmentsAreSmall(wanted count: Int) async throws(DirectoryFailure) {
    let bytes = Int(layout.blocks) * DiskFormat.blockBytes
    let isFarLarger = try await segmentBytes() >= 2 * bytes
    guard configuration.sizeBytes != nil, isFarLarger || count > Limits.segmentsMax else { return }
    log.warning(
      "the disk was begun for a smaller size, and keeps segments that hold no large chunks;"
        + " for others stop the server and delete the files in the directory",
      [
        "path": .text(path), "segment": .text(ByteSize.text(bytes)),
        "used": .text(ByteSize.text(segments.count * bytes)),
      ])
  }
}

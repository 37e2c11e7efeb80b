import Base
import Disk
import IO
import Store

/// What a directory is found to hold: segments from the latest life to the earliest, in each the last record first, so that the
/// first record of a key is the one that counts. A client that asks meanwhile is served what is known so far.
extension Device {
  /// True when it is known.
  func load() async -> Bool {
    guard trouble == nil else { return false }
    let begun = loop.now
    status = DeviceStatus()
    status.state = .loading
    updateStatus()
    var living: [(header: SegmentHeader, segment: Segment)] = []
    for segment in segments.compactMap({ $0 }) {
      do throws(IOFailure) {
        if let header = try await readHeader(of: segment) {
          lastLife = max(lastLife, header.life)
          if header.epoch == self.header.epoch {
            (segment.life, segment.epoch) = (header.life, header.epoch)
            living.append((header, segment))
            continue
          }
        }
        lastLife = max(lastLife, try await latestLife(ofGravesIn: segment))
        segment.state = .leaving
      } catch {
        goOff(error.reason)
        return false
      }
    }
    living.sort { $0.header.life > $1.header.life }
    var names = NamesSeen()
    for (header, segment) in living {
      guard !isEnding, trouble == nil else { return false }
      if wantsFlush { return await forgetWhileLoading() }
      do throws(IOFailure) {
        try await SegmentLoad(self, segment, header).run(&names)
      } catch {
        goOff(error.reason)
        return false
      }
      status.segmentsLoaded += 1
    }
    openedLife = lastLife
    for segment in segments.compactMap({ $0 }) where segment.state == .leaving {
      guard await beginLife(of: segment) else { return false }
    }
    guard trouble == nil else { return false }
    books.endLoading(number)
    metrics.recoveryMilliseconds.add(Int((loop.exactNow - begun) / 1_000_000))
    updateStatus()
    log.info(
      "the disk is loaded",
      [
        "path": .text(path), "records": .number(status.records), "bytes": .text(ByteSize.text(status.livingBytes)),
        "milliseconds": .number(Int((loop.exactNow - begun) / 1_000_000)),
      ])
    return true
  }

  private func forgetWhileLoading() async -> Bool {
    let isDone = await beginEpoch()
    answerFlushes(isDone)
    guard isDone else { return false }
    books.endLoading(number)
    for segment in segments.compactMap({ $0 }) {
      guard await empty(segment) else { return false }
    }
    return true
  }

  private func readHeader(of segment: Segment) async throws(IOFailure) -> SegmentHeader? {
    let buffer = try await readBlocks(1, at: 0, of: segment)
    guard let header = SegmentHeader(UnsafeRawBufferPointer(buffer.bytes), segment: UInt32(segment.number)),
      header.device == self.header.device, header.blocks == layout.blocks, header.life < .max / 2
    else { return nil }
    return header
  }

  /// Lives are never used twice, be the header of the latest damaged.
  private func latestLife(ofGravesIn segment: Segment) async throws(IOFailure) -> UInt64 {
    let buffer = try await readBlocks(SegmentLayout.graveCopies * layout.gravePages, at: 1, of: segment)
    var latest: UInt64 = 0
    for page in 0..<layout.gravePages {
      for copy in 0..<SegmentLayout.graveCopies {
        let block = UnsafeRawBufferPointer(buffer.block(Int(layout.graveBlock(page: page, copy: copy)) - 1))
        let life = Graves.life(ofPage: page, block, segment: UInt32(segment.number)) ?? 0
        if life < .max / 2 { latest = max(latest, life) }
      }
    }
    return latest
  }

  func readBlocks(_ count: Int, at block: Int, of segment: Segment) async throws(IOFailure) -> AlignedBuffer {
    let buffer = AlignedBuffer(byteCount: count * DiskFormat.blockBytes)
    let transfer = Transfer(.read, at: block * DiskFormat.blockBytes, loop: loop, gate: gate)
    transfer.append(buffer.bytes)
    try await transfer.run(segment.file)
    return buffer
  }
}

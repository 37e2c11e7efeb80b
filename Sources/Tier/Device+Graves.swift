import Base
import Disk
import IO

/// What has died is written to its segment as soon as it is known.
extension Device {
  func keepGraves() async {
    while isWorking || gravesAreDirty && trouble == nil {
      if gravesAreDirty {
        gravesAreDirty = false
        for segment in segments.compactMap({ $0 }) where segment.state != .free {
          guard await writeGraves(of: segment) else { return }
        }
      } else {
        await loop.sleepUntilNudged(nanoseconds: Limits.deviceTickNanoseconds)
      }
    }
  }

  /// Both copies, one after the other: a write that is torn leaves the one before it.
  private func writeGraves(of segment: Segment) async -> Bool {
    segment.unwrittenPages.formUnion(segment.graves.takeDirtyPages())
    guard !segment.unwrittenPages.isEmpty else { return true }
    segment.readers += 1
    defer { segment.readers -= 1 }
    let buffer = AlignedBuffer(byteCount: DiskFormat.blockBytes)
    for page in segment.unwrittenPages.sorted() {
      segment.graves.writePage(page, to: buffer.bytes, segment: UInt32(segment.number), life: segment.life)
      do throws(IOFailure) {
        for copy in 0..<SegmentLayout.graveCopies {
          let block = Int(layout.graveBlock(page: page, copy: copy))
          let transfer = Transfer(.write, at: block * DiskFormat.blockBytes, loop: loop, gate: gate)
          transfer.append(buffer.bytes)
          try await transfer.run(segment.file)
          metrics.bytesWritten.add(transfer.byteCount)
        }
        try await sync(segment.file)
        segment.unwrittenPages.remove(page)
      } catch {
        gravesAreDirty = true
        metrics.writeFailures.add()
        noteFailure(writing: error)
        return false
      }
    }
    return true
  }
}

import Base
import Disk
import Glibc
import Setup

/// `lmcache-server disk DIR`: says what a directory holds, and compares it with its checksums.
struct DiskInspection: ~Copyable {
  static let damaged: Int32 = 1
  static let couldNotLook: Int32 = 2

  private let command: DiskCommand
  private let directory: InspectedDirectory
  private let device: DeviceHeader
  private var summaries: [SegmentSummary] = []
  private var totals = DiskReport.Totals()
  private var progress: InspectionProgress

  static func run(_ command: DiskCommand) -> Int32 {
    do throws(InspectedDirectory.Failure) {
      var inspection = try DiskInspection(command)
      return try inspection.run()
    } catch {
      StandardDescriptors.complain(error.message)
      return error.exitCode
    }
  }

  private init(_ command: DiskCommand) throws(InspectedDirectory.Failure) {
    self.command = command
    var directory = try InspectedDirectory(command.path)
    try directory.takeLock()
    device = try directory.device()
    self.directory = directory
    progress = InspectionProgress(isVerifying: command.verifies)
  }

  /// Returns the status to exit with.
  private mutating func run() throws(InspectedDirectory.Failure) -> Int32 {
    let numbers = try directory.segments()
    var headers: [SegmentHeader] = []
    for number in numbers {
      if let header = header(of: number) { headers.append(header) }
    }
    // The first record of a name counts, from the latest life on.
    headers.sort { $0.life > $1.life }
    progress.begin(segments: headers.count, segmentBytes: Int(device.segmentBlocks) * DiskFormat.blockBytes)
    var names = NamesSeen()
    let pieces = UnsafeMutableRawBufferPointer.allocate(
      byteCount: DiskFormat.pieceBytes, alignment: DiskFormat.blockBytes)
    defer { pieces.deallocate() }
    for header in headers { inspect(header, &names, pieces) }
    progress.end()
    summaries.sort { $0.number < $1.number }
    if !command.listsKeys {
      DiskReport.print(path: directory.path, device, summaries, totals, isVerified: command.verifies)
    }
    return totals.damages > 0 ? Self.damaged : 0
  }

  /// Nil where there is none that counts, which is noted.
  private mutating func header(of number: UInt32) -> SegmentHeader? {
    var block = [UInt8](repeating: 0, count: DiskFormat.blockBytes)
    let isRead: Bool
    let byteCount: Int
    do throws(InspectedFile.Failure) {
      let file = try directory.segment(number)
      byteCount = file.byteCount
      isRead = block.withUnsafeMutableBytes { file.read($0, at: 0) }
    } catch {
      note(SegmentSummary(number, .damaged), "it cannot be opened: \(error.reason)")
      return nil
    }
    let expected = Int(device.segmentBlocks) * DiskFormat.blockBytes
    guard byteCount == expected, isRead else {
      let fault = isRead ? "it has \(byteCount) bytes instead of \(expected)" : "its header cannot be read"
      note(SegmentSummary(number, .damaged), fault)
      return nil
    }
    guard let header = block.withUnsafeBytes({ SegmentHeader($0, segment: number) }) else {
      if block.allSatisfy({ $0 == 0 }) {
        summaries.append(SegmentSummary(number, .free))
      } else {
        note(SegmentSummary(number, .damaged), "its header is damaged")
      }
      return nil
    }
    guard header.device == device.device, header.blocks == device.segmentBlocks, header.epoch == device.epoch else {
      var summary = SegmentSummary(number, header.device == device.device ? .flushed : .free)
      summary.life = header.life
      summaries.append(summary)
      return nil
    }
    return header
  }

  private mutating func inspect(
    _ header: SegmentHeader, _ names: inout NamesSeen, _ pieces: UnsafeMutableRawBufferPointer
  ) {
    let file: InspectedFile
    do throws(InspectedFile.Failure) {
      file = try directory.segment(header.segment)
    } catch {
      return note(SegmentSummary(header.segment, .damaged), "it cannot be opened: \(error.reason)")
    }
    let inspection = SegmentInspection(header, file, now: UInt64(WallClock.milliseconds()), names: &names)
    summaries.append(inspection.summary)
    if command.listsKeys {
      for record in inspection.living { DiskReport.print(record, segment: header.segment) }
    }
    if command.verifies, inspection.summary.state != .free {
      for fault in inspection.damagedGraves() { say("segment \(header.segment): \(fault)", isDamage: true) }
      for record in inspection.living {
        verify(record, inspection, pieces)
        progress.add(bytes: record.valueBytes)
      }
    }
    progress.endSegment()
  }

  private mutating func verify(
    _ record: LivingRecord, _ inspection: borrowing SegmentInspection, _ pieces: UnsafeMutableRawBufferPointer
  ) {
    guard let fault = inspection.fault(of: record, pieces: pieces) else { return }
    // What was under way when the process ended may be there in part, and is missed like what was never written.
    let isOpen = inspection.summary.state == .open
    let place = "segment \(inspection.header.segment), block \(record.place), key \(LogEscape.line(record.key))"
    say("\(place): \(fault)\(isOpen ? "; it may have been under way at the end" : "")", isDamage: !isOpen)
    if isOpen { totals.unfinished += 1 }
  }

  // MARK: Faults

  private mutating func note(_ summary: SegmentSummary, _ fault: String) {
    summaries.append(summary)
    say("segment \(summary.number): \(fault)", isDamage: true)
  }

  /// Beside the report, so that a list of keys has nothing else in it.
  private mutating func say(_ fault: String, isDamage: Bool) {
    if isDamage { totals.damages += 1 }
    progress.clear()
    StandardDescriptors.complain("\(directory.path): \(fault)")
  }
}

import Base
import Disk

/// What is printed of a directory.
enum DiskReport {
  struct Totals {
    var damages = 0
    /// Values that may have been under way when the process ended.
    var unfinished = 0
  }

  static func print(
    path: String, _ device: DeviceHeader, _ segments: [SegmentSummary], _ totals: Totals, isVerified: Bool
  ) {
    let bytes = ByteSize.text(Int(device.segmentBlocks) * DiskFormat.blockBytes)
    line("\(path)")
    line("device \(hex(device.device.high))\(hex(device.device.low))")
    line("format \(DiskFormat.version), epoch \(device.epoch), segments of \(bytes)")
    line("")
    line(row(["segment", "life", "state", "records", "living", "living bytes", "dead bytes"]))
    for segment in segments {
      line(
        row([
          "\(segment.number)", segment.life == 0 ? "-" : "\(segment.life)", segment.state.rawValue,
          "\(segment.records)", "\(segment.living)", ByteSize.text(segment.livingBytes),
          ByteSize.text(segment.deadBytes),
        ]))
    }
    line("")
    let states = SegmentSummary.State.allCases.compactMap { state in
      let count = segments.count { $0.state == state }
      return count == 0 ? nil : "\(count) \(state.rawValue)"
    }
    line("\(segments.count) segments\(states.isEmpty ? "" : ": ")\(states.joined(separator: ", "))")
    let (records, living) = (segments.reduce(0) { $0 + $1.records }, segments.reduce(0) { $0 + $1.living })
    line(
      "\(records) records, of which \(living) live in \(ByteSize.text(segments.reduce(0) { $0 + $1.livingBytes }))"
        + " and \(records - living) are dead in \(ByteSize.text(segments.reduce(0) { $0 + $1.deadBytes }))")
    line(conclusion(totals, isVerified: isVerified))
  }

  private static func conclusion(_ totals: Totals, isVerified: Bool) -> String {
    var words = totals.damages == 0 ? "nothing is damaged" : "damaged: \(totals.damages)"
    if totals.unfinished > 0 { words += ", unfinished: \(totals.unfinished)" }
    return isVerified ? "\(words); every living value was read" : "\(words); --verify reads the values as well"
  }

  /// A line for programs: the key comes last, since it may hold anything but a line's end.
  static func print(_ record: LivingRecord, segment: UInt32) {
    line(
      "\(segment) \(record.place) \(record.kind) \(record.valueBytes) \(record.deadline) \(LogEscape.line(record.key))")
  }

  private static let widths = [7, 8, 8, 9, 9, 13, 11]

  private static func row(_ words: [String]) -> String {
    zip(words, widths).map { word, width in
      String(repeating: " ", count: max(0, width - word.count)) + word
    }.joined(separator: " ")
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func line(_ text: String) { Swift.print(text) }
}

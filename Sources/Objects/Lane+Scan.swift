import Base
import Store

extension Lane {
  /// SCAN. Shows names from where `cursor` stands and returns the cursor to go on with; 0 begins and ends.
  /// Stops after about `count` names or `bytesMax` bytes of them, exceeding either by a few names at most, and after
  /// a bounded walk, so that one call may show nothing. Every name that is there during the whole scan is shown at
  /// least once, tables growing or not. A cursor that no call gave out ends the scan.
  /// The names shown are only valid within `visit`, and a stripe is locked meanwhile: copy and return, no I/O.
  package func scan(
    from cursor: UInt64, count: Int, bytesMax: Int, now: UInt64, _ visit: (RawSpan) -> Void
  ) -> UInt64 {
    var (names, bytes) = (0, 0)
    return walk(
      from: cursor, homesMax: Limits.scanHomesMax, now: now, until: { names >= count || bytes >= bytesMax }
    ) { entry in
      func show(_ part: ObjectName.Part) {
        let length = ObjectName.spell(part, ObjectName.Style(entry), into: scratch) { copyKey(of: entry, into: $0) }
        names += 1
        bytes += length
        visit(UnsafeRawBufferPointer(rebasing: scratch[..<length]).bytes)
      }
      switch entry.kind {
      case .withMeta:
        show(.bytes)
        show(.metadata)
      case .hidden: break
      default: show(entry.kind.part)
      }
    }
  }
}

extension Limits {
  /// How far one SCAN call walks when it finds little. A small store is seen in one call.
  fileprivate static let scanHomesMax = 4096
}

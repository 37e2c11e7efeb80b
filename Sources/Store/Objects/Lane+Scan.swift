import Base

extension Lane {
  /// DBSIZE: an object that has both halves counts two.
  package func nameCount() -> Int {
    fatalError("not yet")
  }

  /// SCAN. Shows names from where `cursor` stands and returns the cursor to go on with; 0 begins and ends.
  /// Stops after about `count` names or `bytesMax` bytes of them, exceeding either by a few names at most, and after
  /// a bounded walk, so that one call may show nothing. Every name that is there during the whole scan is shown at
  /// least once, tables growing or not. A cursor of nobody's making ends the scan.
  /// The names shown are only valid within `visit`, and a stripe is locked meanwhile: copy and return, no I/O.
  package func scan(
    from cursor: UInt64, count: Int, bytesMax: Int, now: UInt64, _ visit: (RawSpan) -> Void
  ) -> UInt64 {
    fatalError("not yet")
  }
}

import Base

extension Limits {
  // MARK: The probe
  /// Less than the 5 s that charts give a probe, so that its complaint is heard.
  static let probeNanoseconds: UInt64 = 4_000_000_000
  /// Whatever a probe waits for, it ends before the kubelet loses its patience.
  static let probeAlarmSeconds: UInt32 = 5

  // MARK: What a server may answer
  /// A line of a reply: the longest error that Redis makes, or the longest field of a head. Also what is received at
  /// once.
  static let toolBufferBytes = 64 * 1024
  static let toolHeadLinesMax = 100
  /// The pages of a server with every row that it may have are a tenth of this.
  static let toolPageBytesMax = 16 * 1024 * 1024
  /// Beside the patience for an answer: the slowest link over which a value is worth fetching.
  static let toolBytesPerSecondMin = 64 * 1024
  /// A key, and what makes a name of it.
  static let toolNameBytesMax = 65_535 + 16

  // MARK: Lists
  /// Enough for a step to be worth its round trip.
  static let toolScanCount = 1000
  /// What one step of a list may hold. This server's steps have up to 64 KiB; a name that is longer comes alone.
  static let toolScanBytesMax = 8 * 1024 * 1024
  static let toolScanNamesMax = 100_000
  /// A server that shows nothing in so many steps, of a thousand names each, makes its cursors up.
  static let toolVainStepsMax = 10_000_000
  /// Written to the output at once.
  static let toolWriteBytes = 64 * 1024

  // MARK: Screens
  /// Rows of a table that fit a screen; `--json` has all.
  static let toolRowsMax = 20
  /// A name that is longer is cut in a table.
  static let toolNameColumnsMax = 48
  /// A terminal that says that it is larger is none.
  static let toolScreenLinesMax = 1000
}

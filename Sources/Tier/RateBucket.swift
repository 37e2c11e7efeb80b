/// So many bytes a second, and a burst of some seconds after a pause.
struct RateBucket {
  private let bytesPerSecond: Int
  private let bytesMax: Int
  private var bytes: Int
  private var filledAt: UInt64

  /// Begins full.
  init(bytesPerSecond: Int, burstSeconds: Int, now: UInt64) {
    self.bytesPerSecond = bytesPerSecond
    let (most, isTooMuch) = bytesPerSecond.multipliedReportingOverflow(by: burstSeconds)
    bytesMax = isTooMuch ? .max / 2 : most
    bytes = bytesMax
    filledAt = now
  }

  /// Whether there is anything left: what is taken may exceed it, and is made up for.
  mutating func isOpen(at now: UInt64) -> Bool {
    let milliseconds = Int((now - min(filledAt, now)) / 1_000_000)
    if milliseconds > 0 {
      let (gained, isTooMuch) = bytesPerSecond.multipliedReportingOverflow(by: milliseconds)
      bytes = isTooMuch ? bytesMax : min(bytesMax, bytes + gained / 1000)
      filledAt += UInt64(milliseconds) * 1_000_000
    }
    return bytes > 0
  }

  mutating func take(_ count: Int) { bytes -= count }
}

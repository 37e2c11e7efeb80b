import Base
import Store
import Synchronization

/// What one device did. Written by its loop alone, read by any thread.
package struct DeviceMetrics: ~Copyable, Sendable {
  /// Why a value was not written.
  package enum Drop: Int, CaseIterable, Sendable {
    /// More was stored than the rate lets through, and it had not come back.
    case rate
    /// It does not fit a segment.
    case tooLarge
    /// The device could not write it.
    case failed

    package var label: StaticString {
      switch self {
      case .rate: "rate"
      case .tooLarge: "too_large"
      case .failed: "failed"
      }
    }
  }

  package let recordsWritten = Counter()
  /// Of values, and all that went to the device.
  package let valueBytesWritten = Counter()
  package let bytesWritten = Counter()
  package let recordsRead = Counter()
  package let bytesRead = Counter()
  /// Read for the first time since they were written.
  package let bytesFirstRead = Counter()
  package let readAhead = Counter()
  package let checksumFailures = Counter()
  package let readFailures = Counter()
  package let writeFailures = Counter()
  /// What a reader waited for in vain.
  package let impatient = Counter()
  package let segmentsReclaimed = Counter()
  package let recordsReclaimed = Counter()
  package let recordsRescued = Counter()
  package let recordsBuried = Counter()
  package let recordsFound = Counter()
  package let recordsTorn = Counter()
  package let recoveryMilliseconds = Counter()
  package let readLatency = Histogram()
  package let writeLatency = Histogram()
  private let drops = CounterTable<Drop>()

  package func drops(_ reason: Drop) -> UInt64 { drops.value(reason) }
  func count(_ reason: Drop) { drops.add(reason) }
}

extension Device {
  /// Values that memory could not keep until they were written.
  package var passedBy: UInt64 { news.passedBy.value }
  /// What memory keeps only until it is written.
  package var leavingBytes: Int { news.leavingBytes.load(ordering: .relaxed) }
}

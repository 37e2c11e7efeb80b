/// The faults of a pretend disk and their frequency. None unless a test of disks sets it.
package struct DiskFaultPlan: Sendable {
  /// A write that is reported as done, but was not.
  package var lostWritePerMille = 0
  /// A write that is done elsewhere: at another place of the file, or in another file.
  package var misdirectedWritePerMille = 0
  /// A bit of some block that was written turns over; drawn at every operation.
  package var rotPerMille = 0
  package var readFailurePerMille = 0
  /// The sectors of a write that fails may have been written, any of them.
  package var writeFailurePerMille = 0
  /// After a sync that fails, some of what it should have synced never will be.
  package var syncFailurePerMille = 0
  /// A call of the directory fails.
  package var directoryFailurePerMille = 0
  /// The device keeps an operation; no deadline ends that.
  package var hangPerMille = 0
  package var hangNanosecondsMax = 60_000_000_000
  /// A write reaches the medium in two steps, between which others find some of its sectors. Not a fault.
  package var steppedWritePerMille = 0

  package init() {}

  package static let none = DiskFaultPlan()
}

/// What a disk did to bytes and did not say.
package struct DiskDamage: Equatable, Sendable {
  package enum Kind: Sendable {
    case lostWrite
    /// A write that is missing where it should be, and the place where it is instead.
    case misdirectedFrom, misdirectedTo
    case rot
    /// Let go by a sync that failed: it is read until the power goes.
    case forgotten
  }

  package var kind: Kind
  /// Empty when the file has been removed.
  package var file: String
  package var range: Range<Int>

  package init(kind: Kind, file: String, range: Range<Int>) {
    self.kind = kind
    self.file = file
    self.range = range
  }
}

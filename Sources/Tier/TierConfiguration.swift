import Base

/// What a device is told when it is made.
package struct DeviceConfiguration: Sendable {
  /// What its files may take together; nil: most of what the file system has free.
  package var sizeBytes: Int?
  package var writeRateBytes: Int
  /// Everything is written that was stored, whatever the rate: else what came back goes first.
  package var writesAll = false
  /// A directory that cannot be read is begun afresh.
  package var formats = false
  /// Of a directory that is begun; nil: a share of the device.
  package var segmentBytes: Int?
  /// What calendars show, in milliseconds: deadlines outlive the clock of a process.
  package var wallMilliseconds: @Sendable () -> Int
  package var plantedBug: PlantedTierBug?

  package init(sizeBytes: Int?, writeRateBytes: Int, wallMilliseconds: @escaping @Sendable () -> Int) {
    (self.sizeBytes, self.writeRateBytes, self.wallMilliseconds) = (sizeBytes, writeRateBytes, wallMilliseconds)
  }
}

/// What may go wrong at a device on purpose.
package enum PlantedTierBug: Sendable {
  /// What a device returns is taken for what was written.
  case skipChecksums
  /// A copy that means nothing any more is not said to be dead.
  case forgetGraves
  /// A segment is used again without a word of it on the device.
  case believeOldLife
  /// A segment is used again while it is read.
  case reuseUnderReader
  /// A copy says of its value what was true of the first one.
  case writeOldSaid
}

import Base

extension Limits {
  /// Values that wait to be looked at by a device's writer, of 24 bytes each: what a second of the smallest chunks brings.
  static let offeredMax = 256 * 1024
  /// Look-ups that wait to be brought up: the chunks of some long prompts.
  static let wantedMax = 16 * 1024
  /// Keys that change while a device is not known, of 16 bytes each: what minutes of a rolling update bring.
  static let changedKeysMax = 256 * 1024
  /// What values on devices may take of memory beside their keys, as a share of the budget.
  package static let awayShare = 4
  /// What may wait for a device in order to be evicted, as a share of the budget: room for a burst, and no more than what
  /// eviction passes by in good time.
  static let leavingShare = 16
  /// When eviction looks again at what a device is to write, unless the device says before that it has.
  static let unwrittenNanoseconds: UInt64 = 250_000_000
  /// Rows of those, of 250 ms each.
  static let unwrittenBuckets = 4
}

import Base

extension Limits {
  /// Each is compared with the fields of every key that is stored, and has series of metrics of its own.
  package static let quotasMax = 64
  /// Less than this holds no chunk of most models.
  package static let quotaBytesMin = 1024 * 1024
  /// No key of LMCache has so many; what comes behind is not looked at.
  static let quotaFieldsMax = 32
  /// How many values of a quota that cannot go are met before a body of it is dropped: some 50 us.
  static let quotaLooksMax = 64
}

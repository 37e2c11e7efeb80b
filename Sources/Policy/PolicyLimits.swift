/// What bounds the policy's work, and its sample.
enum PolicyLimits {
  /// Chunks of a prompt that are looked at when it is over, the last ones. Those before them are seldom leaves.
  static let promptWalkMax = 256
  /// Of each prompt so many of the last chunks are watched, and each so many-th: others would tell of the same return.
  static let watchedTail = 2
  static let watchedStep = 16
  /// So many chunks are spared for two seconds after their use, however few there are: one process stores them, another comes for
  /// them.
  static let sparedMin = 8
  static let closingsPerFading = 20_000
  /// Of those that are still watched, so many are counted when values are worked out.
  static let openLooksMax = 4096
}

import Base

extension Limits {
  // MARK: Tools
  /// A page of a busy server takes milliseconds: what takes longer has gone.
  static let toolSecondsDefault = 10
  /// A removal is answered when it is done, and looks at every chunk of memory and disks.
  static let toolRemovalSecondsDefault = 600
  static let toolSecondsMax = 86_400
  static let toolCountMax = 1_000_000_000
  /// What one command line is for; a longer list comes by xargs.
  package static let toolKeysMax = 10_000
}

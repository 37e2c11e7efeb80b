import Base

extension Limits {
  /// A file for engine and server has a few kilobytes. Far more than that is another file, and reading it must not take
  /// the memory that a small container has.
  package static let configurationBytesMax = 256 * 1024
  /// Engines nest a few levels in what they pass on to plugins.
  static let configurationDepthMax = 32
  /// Engine and server know some hundred names together. Each value takes memory while the file is read.
  static let configurationValuesMax = 10_000
}

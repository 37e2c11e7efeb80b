import Foundation

/// Whether there is time for what takes minutes.
enum LongRun {
  static let isAskedFor = ProcessInfo.processInfo.environment["LONG_TESTS"] != nil
}

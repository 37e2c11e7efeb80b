import Foundation

/// How many files this process may open. The soft limit of a shell is often far below the hard one.
enum Descriptors {
  /// Raises the limit as far as possible.
  static let most: Int = {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(min(limit.rlim_max, rlim_t(Int32.max)))
  }()

  /// What one test may take beside the tests that run at the same time.
  static let share = most / 16
}

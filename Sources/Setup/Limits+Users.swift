import Base

extension Limits {
  /// Thousands of users with digests, and far more than is meant by any file of users.
  static let usersFileBytesMax = 1024 * 1024
}

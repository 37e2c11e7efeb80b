import Foundation

/// A file of users for a server. It goes with its test.
final class UserFile: Sendable {
  let path: String

  init(_ text: String, mode: Int = 0o600) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "lmcache-users-\(UUID().uuidString)").path()
    try write(text)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
}

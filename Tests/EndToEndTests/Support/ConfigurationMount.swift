import Foundation

/// Files as the kubelet mounts them: the names are links by way of `..data`, which one rename replaces for all at once.
final class ConfigurationMount: Sendable {
  private let root: URL

  init(_ files: [String: String]) throws {
    root = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-mount-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for name in files.keys {
      try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: "..data/\(name)")
    }
    try replace(files)
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func path(_ name: String) -> String { root.appending(path: name).path() }

  func replace(_ files: [String: String]) throws {
    let version = "..\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path(version), withIntermediateDirectories: false)
    for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: path("\(version)/\(name)"))) }
    try FileManager.default.createSymbolicLink(atPath: path("..data_tmp"), withDestinationPath: version)
    guard rename(path("..data_tmp"), path("..data")) == 0 else { throw HarnessFailure("rename: errno \(errno)") }
  }
}

extension RunningServer {
  /// Sends SIGHUP and waits until the log tells of it.
  func hangUp(until words: String) throws {
    let before = log.components(separatedBy: words).count
    child.signal(SIGHUP)
    try eventually("the log says '\(words)'") { log.components(separatedBy: words).count > before }
  }
}

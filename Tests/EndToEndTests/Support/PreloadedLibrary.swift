import Foundation

/// A library of one C file in this folder, compiled here to be loaded into a server.
final class PreloadedLibrary: Sendable {
  let directory: URL
  private let path: String

  init(_ name: String) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    path = directory.appending(path: "\(name).so").path()
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "\(name).c").path()
    let compiler = try Child("cc", ["-O1", "-shared", "-fPIC", "-o", path, source, "-ldl"])
    guard try compiler.wait() == .exited(0) else { throw HarnessFailure("cc: \(compiler.standardError)") }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var environment: [String: String] { ["LD_PRELOAD": path] }
}

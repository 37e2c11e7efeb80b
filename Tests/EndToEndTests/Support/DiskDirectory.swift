import Foundation

/// A directory for the disk of a server, and for nothing else. It goes with its test.
final class DiskDirectory: Sendable {
  let path: String
  /// Above it, for what is mounted.
  private let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    path = root.appending(path: "disk").path()
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  /// What a server is told of it.
  func flags(_ more: String...) -> [String] { ["--disk", path, "--disk-size", "64MiB"] + more }

  func make() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  /// The names of all that is in it, with their bytes.
  func contents() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      files[name] = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
    }
    return files
  }

  /// What its files take on the device, as `du` counts.
  func allocatedBytes() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { sum, name in
      var status = stat()
      // One that is renamed is there under the other name.
      return lstat("\(path)/\(name)", &status) == 0 ? sum + Int(status.st_blocks) * 512 : sum
    }
  }

  func mode(of name: String = "") throws -> mode_t {
    var status = stat()
    guard lstat("\(path)/\(name)", &status) == 0 else { throw HarnessFailure("\(name): errno \(errno)") }
    return status.st_mode & 0o7777
  }
}

/// A file system that only one server sees.
enum OwnMount {
  /// Root of a container often may not.
  static let isPossible: Bool = {
    guard let child = try? Child("unshare", ["--mount", "true"]) else { return false }
    return (try? child.wait()) == .exited(0)
  }()

  /// Words before those of the server: an empty file system in memory, mounted at the path.
  static func words(_ options: String, at path: String) -> [String] {
    let script = "mkdir -p '\(path)' && mount -t tmpfs -o '\(options)' tmpfs '\(path)' && exec \"$@\""
    return ["unshare", "--mount", "--propagation", "private", "bash", "-c", script, "bash"]
  }

  /// Mounts what a server sees there otherwise.
  static func change(_ server: RunningServer, _ words: String...) throws {
    let child = try Child("nsenter", ["--target", "\(server.child.pid)", "--mount"] + words)
    guard try child.wait() == .exited(0) else { throw HarnessFailure("\(words): \(child.standardError)") }
  }
}

extension RunningServer {
  /// In what state its only disk is.
  func diskState() throws -> String {
    let body = try web().get("/readyz").body
    guard let match = body.firstMatch(of: /"disks": \[\{.*?"state": "([a-z_]+)"/) else {
      throw HarnessFailure("no disk: \(body)")
    }
    return String(match.output.1)
  }

  /// Waits until its disk is in a state.
  func becomes(_ state: String) throws {
    try eventually("the disk is \(state)") { try diskState() == state }
  }

  /// Of its disks together.
  func disks(_ family: String) throws -> Int { Int(try metrics().sum("lmcache_server_disk_\(family)")) }
}

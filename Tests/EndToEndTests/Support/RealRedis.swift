import Foundation

/// A real redis-server on a port of 127.0.0.1. It keeps nothing on disk.
final class RealRedis: Sendable {
  static let program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  let child: Child
  let port: UInt16

  /// - Parameter wanted: nil takes a port that is free.
  init(_ flags: [String] = [], port wanted: UInt16? = nil) throws {
    guard let program = Self.program else {
      throw HarnessFailure("there is no redis-server; scripts/test.sh installs it")
    }
    let quiet = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]
    (child, port) = try Self.listening(on: wanted) { try Child(program, ["--port", "\($0)"] + quiet + flags) }
  }

  /// A port that was free a moment ago may be taken by now: then it tries again.
  private static func listening(on wanted: UInt16?, _ start: (UInt16) throws -> Child) throws -> (Child, UInt16) {
    for _ in 0..<10 {
      let port = try wanted ?? LoopbackListener().port
      let child = try start(port)
      try eventually("redis-server listens") { child.poll() != nil || child.standardOutput.contains("Ready to accept") }
      if child.poll() == nil { return (child, port) }
      usleep(200_000)
    }
    throw HarnessFailure("redis-server ends at once")
  }
}

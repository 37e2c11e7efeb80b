import Testing

/// What a server says of a directory that it uses, and that is not all that it might be.
@Suite struct DiskWarningTests {
  private func server(_ directory: DiskDirectory, size: String, environment: [String: String] = [:]) throws
    -> RunningServer
  {
    let server = try RunningServer(
      .epoll, ["--disk", directory.path, "--disk-size", size, "--disk-write", "all"], memory: "256MiB",
      environment: environment)
    try server.becomes("serving")
    return server
  }

  private func lines(_ words: String, _ server: RunningServer) -> Int {
    server.log.split(separator: "\n").count { $0.contains(words) }
  }

  @Test func aPlainFileSystemIsSaidOnce() throws {
    let directory = try DiskDirectory()
    let library = try PreloadedLibrary("plain-files")
    // The second one begins with what there is.
    for round in 0..<2 {
      let server = try server(directory, size: "64MiB", environment: library.environment)
      #expect(lines("no O_DIRECT", server) == 1 && lines("fallocate", server) == 1, "\(server.log)")
      if round == 0 { try server.lm().putAndSee("k", Payload.bytes(100_000, seed: 1)) }
      #expect(try server.lm().holds("k", Payload.bytes(100_000, seed: 1)))
      #expect(try server.stop() == .exited(0))
    }
    withExtendedLifetime(library) {}
  }
}

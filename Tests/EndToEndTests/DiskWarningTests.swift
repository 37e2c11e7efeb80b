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
      try eventually("it is said") { lines("no O_DIRECT", server) > 0 && lines("fallocate", server) > 0 }
      if round == 0 { try server.lm().putAndSee("k", Payload.bytes(100_000, seed: 1)) }
      #expect(try server.lm().holds("k", Payload.bytes(100_000, seed: 1)))
      #expect(try server.stop() == .exited(0))
      #expect(lines("no O_DIRECT", server) == 1 && lines("fallocate", server) == 1, "\(server.log)")
    }
    withExtendedLifetime(library) {}
  }

  /// A directory keeps the segments that it was begun with: no chunk is larger than they are, and so many at most.
  @Test func aSizeThatSegmentsAreTooSmallForIsSaid() throws {
    let directory = try DiskDirectory()
    let words = "the disk was begun for a smaller size"
    let first = try server(directory, size: "64MiB")
    #expect(try first.stop() == .exited(0) && lines(words, first) == 0)
    let next = try server(directory, size: "40GiB")
    try eventually("it is said") { lines(words, next) == 1 && next.log.contains("used=\"16 GiB\"") }
    #expect(try next.stop() == .exited(0))
    let same = try server(directory, size: "64MiB")
    #expect(try same.stop() == .exited(0) && lines(words, same) == 0)
  }

  @Test func whatASmallerSizeDeletesIsSaid() throws {
    let directory = try DiskDirectory()
    let words = "segments beyond its size are deleted"
    let first = try server(directory, size: "128MiB")
    let lm = try first.lm()
    for number in 0..<400 { try lm.put("k\(number)", Payload.bytes(200_000, seed: UInt64(number))) }
    #expect(try lm.health())
    try eventually("they are written") { try first.disks("written_chunks_total") == 400 }
    #expect(try first.stop() == .exited(0) && lines(words, first) == 0)
    let next = try server(directory, size: "64MiB")
    try eventually("it is said") { lines(words, next) == 1 && next.log.contains("segments=6") }
    #expect(try directory.allocatedBytes() <= 64 << 20 && next.disks("found_chunks_total") > 0)
    #expect(try next.stop() == .exited(0))
  }
}

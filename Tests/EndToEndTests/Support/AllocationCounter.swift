import Foundation

/// Counts the server's allocations with a library that is compiled here and loaded into it.
final class AllocationCounter: @unchecked Sendable {
  private let directory: URL
  private let words: UnsafeMutablePointer<Int64>

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "malloc-counter.c").path()
    let library = directory.appending(path: "malloc-counter.so").path()
    let compiler = try Child("cc", ["-O1", "-shared", "-fPIC", "-o", library, source])
    guard try compiler.wait() == .exited(0) else { throw HarnessFailure("cc: \(compiler.standardError)") }
    let file = open(directory.appending(path: "count").path(), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    guard file >= 0, ftruncate(file, 4096) == 0,
      let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
    else { throw HarnessFailure("cannot map the counter: \(String(cString: strerror(errno)))") }
    words = memory.bindMemory(to: Int64.self, capacity: 2)
  }

  deinit {
    munmap(words, 4096)
    try? FileManager.default.removeItem(at: directory)
  }

  var environment: [String: String] {
    [
      "LD_PRELOAD": directory.appending(path: "malloc-counter.so").path(),
      "MALLOC_COUNTER": directory.appending(path: "count").path(),
    ]
  }

  /// Allocations since the start.
  var count: Int { Int(words[0]) }

  /// Makes the next allocations write their origin to the server's stderr.
  func trace(_ allocations: Int) { words[1] = Int64(allocations) }
}

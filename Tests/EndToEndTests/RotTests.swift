import Foundation
import Testing

/// What pretends to be a failing drive does change what is written, and finds it between empty blocks.
@Suite
struct RotTests {
  @Test func itChangesBlocksThatWereWritten() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "lmcache-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let empty = Data(count: 1 << 20)
    let written = Data(Payload.bytes(1 << 20, seed: 1))
    let mixed = directory.appending(path: "mixed")
    try (written + empty).write(to: mixed)
    try empty.write(to: directory.appending(path: "empty"))
    var rot = Rot(seed: 1)
    let count = try rot.spoil(directory.path(), blocks: 40)
    #expect((1...40).contains(count))
    let after = try Data(contentsOf: mixed)
    #expect(after.prefix(written.count) != written)
    #expect(after.count == 2 << 20)
    #expect(after.suffix(empty.count) == empty)
    #expect(try Data(contentsOf: directory.appending(path: "empty")) == empty)
  }
}

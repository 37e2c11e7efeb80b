import Foundation
import Testing

/// `lmcache-policies`, as a person runs it.
@Suite struct PoliciesProgramTests {
  private static let program = RunningServer.program.replacingOccurrences(
    of: "lmcache-server", with: "lmcache-policies")

  private func run(_ arguments: [String]) throws -> (end: Child.End, said: String, complained: String) {
    let child = try Child(Self.program, arguments)
    let end = try child.wait()
    return (end, child.standardOutput, child.standardError)
  }

  /// A file of these prompts, a second apart. Its path.
  private func trace(_ prompts: [[Int]]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString).jsonl").path()
    let lines = prompts.enumerated().map { number, chunks in
      let ids = chunks.map(String.init).joined(separator: ", ")
      return
        #"{"timestamp": \#(number * 1000), "input_length": \#(512 * chunks.count), "output_length": 1, "hash_ids": [\#(ids)]}"#
    }
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func itSaysWhatEachPolicyFinds() throws {
    // Each prompt comes twice, ten of them fit: half of all is found.
    let path = try trace((0..<40).map { number in (0..<20).map { number / 2 * 20 + $0 } })
    defer { unlink(path) }
    let run = try run(["--room", "200", path])
    #expect(run.end == .exited(0) && run.complained.isEmpty, "\(run)")
    #expect(run.said == ["lru", "returns"].map { "\(path) 200 \($0) .5000 broken 0\n" }.joined())
  }

  /// Benchmarks ask so. The order of last use has each prompt go just before it comes again; of what is kept instead, nothing may go
  /// because it is about to come back.
  @Test(arguments: [560, 800])
  func ofPromptsThatComeInTurnAPartIsKept(room: Int) throws {
    let path = try trace((0..<2000).map { number in (0..<10).map { number % 100 * 10 + $0 } })
    defer { unlink(path) }
    let run = try run(["--room", "\(room)", path])
    #expect(run.end == .exited(0) && run.complained.isEmpty, "\(run)")
    let found = run.said.split(separator: "\n").map { Double($0.split(separator: " ")[3]) }
    #expect(found.first == 0, "\(run.said)")
    let kept = try #require(found.last ?? nil)
    #expect(kept > 0.75 * Double(room) / 1000, "\(run.said)")
  }

  @Test func aPrintedLoadIsTheSame() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString).jsonl").path()
    defer { unlink(path) }
    let printed = try run(["--print", "code"])
    #expect(printed.end == .exited(0) && printed.complained.isEmpty)
    try printed.said.write(toFile: path, atomically: true, encoding: .utf8)
    let (madeUp, readBack) = (try run(["--room", "1000", "code"]), try run(["--room", "1000", path]))
    #expect(madeUp.end == .exited(0) && readBack.end == .exited(0))
    #expect(readBack.said == madeUp.said.replacing("code ", with: "\(path) "))
    #expect(try run(["--print", path]).said == printed.said)
  }

  @Test(arguments: [
    ([], "no load; try --help"), (["--room"], "--room needs a value; try --help"),
    (["--policy", "fifo", "chat"], "no policy 'fifo': returns, lru"),
    (["--room", "1", "chat"], "--room takes a number from 100 to 1000000, not '1'"),
    (["/nonexistent"], "/nonexistent: No such file or directory"),
    (["--rooms", "1", "chat"], "no option '--rooms'; try --help"),
    (["--print", "chat", "code"], "--print takes one load, not 2"),
  ])
  func aBadCommandLineIsExplained(arguments: [String], complaint: String) throws {
    let run = try run(arguments)
    #expect(run.end == .exited(2) && run.said.isEmpty)
    #expect(run.complained == "lmcache-policies: \(complaint)\n")
  }
}

import Foundation
import Testing

@testable import Manual

/// The script in a real bash. What zsh and fish make of theirs is looked at where they are installed.
@Suite
struct BashTests {
  /// What bash offers behind these words; the last one is being typed.
  private static func offers(_ words: [String], in folder: URL) throws -> [String] {
    let script = """
      set -u
      \(Shell.bash.completions(of: sample))
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _some_tool
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let bash = Process()
    bash.executableURL = URL(filePath: "/bin/bash")
    bash.arguments = ["-c", script, "bash", "some-tool"] + words
    bash.currentDirectoryURL = folder
    let (output, errors) = (Pipe(), Pipe())
    bash.standardOutput = output
    bash.standardError = errors
    try bash.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    bash.waitUntilExit()
    #expect(bash.terminationStatus == 0 && complained.isEmpty, "\(String(decoding: complained, as: UTF8.self))")
    return String(decoding: said, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  static let typed: [(words: [String], offered: [String])] = [
    ([""], ["look", "run"]), (["l"], ["look"]), (["--m"], ["--mode"]),
    (["--"], ["--mode", "--file", "--place", "--wait", "--count", "--help"]),
    (["--mode", ""], ["fast", "safe"]), (["--mode", "=", "s"], ["safe"]), (["--mode", "="], ["fast", "safe"]),
    (["--count", ""], []), (["--count", "3", "--mo"], ["--mode"]), (["--wait", ""], ["yes", "no"]),
    (["--wait", "--mo"], ["--mode"]), (["--file", "b"], ["book"]), (["--place", ""], ["off", "shelf"]),
    (["look", "--"], ["--deep"]), (["look", ""], ["shelf"]), (["look", "--mode", ""], ["shelf"]),
    (["run", "--mo"], ["--mode"]), (["run", "--mode", "f"], ["fast"]), (["run", ""], []), (["x", ""], []),
  ]

  @Test(arguments: typed)
  func itOffers(words: [String], offered: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "completions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "shelf"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data().write(to: folder.appending(path: "book"))
    #expect(try Self.offers(words, in: folder).sorted() == offered.sorted())
  }
}

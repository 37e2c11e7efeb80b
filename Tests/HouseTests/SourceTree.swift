import Foundation
import Testing

/// The files of this repository, as the rules of the house read them.
enum SourceTree {
  struct File: CustomTestStringConvertible {
    /// Relative to Sources.
    let path: String
    let lines: [Substring]

    /// The SwiftPM target that it belongs to.
    var room: String { String(path.prefix { $0 != "/" }) }
    var testDescription: String { path }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  /// All of the program's Swift files.
  static let sources: [File] = {
    let folder = root.appending(path: "Sources").standardized
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var files: [File] = []
    for case let file as URL in found! where file.pathExtension == "swift" {
      let path = String(file.standardized.path().dropFirst(folder.path().count)).trimmingPrefix("/")
      let text = try? String(contentsOf: file, encoding: .utf8)
      let lines = text?.split(separator: "\n", omittingEmptySubsequences: false)
      files.append(File(path: String(path), lines: lines ?? []))
    }
    precondition(files.count > 100, "the sources were not found")
    return files.sorted { $0.path < $1.path }
  }()

  static func document(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func withoutComment(_ line: Substring) -> Substring {
    guard let comment = line.firstRange(of: "//") else { return line }
    return line[..<comment.lowerBound]
  }
}

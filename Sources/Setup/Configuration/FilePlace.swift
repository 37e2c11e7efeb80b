import Base

/// Where in a configuration file something stands.
package struct FilePlace: Equatable, Sendable {
  let path: String
  let line: Int
  /// As the file writes it: a flag's, or one of LMCache's.
  let name: String
  /// A value that is accepted behind that name.
  let example: String

  /// As compilers write places, which editors and people know.
  var text: String { "\(FilePlace.text(path, line)): \(name)" }

  static func text(_ path: String, _ line: Int) -> String { "\(LogEscape.line(Array(path.utf8))):\(line)" }
}

import Foundation

/// One run of a tool of the program, to its end.
struct ToolRun {
  let end: Child.End
  let output: String
  let complaint: String

  init(_ words: String...) throws { try self.init(words) }

  init(_ words: [String]) throws { try self.init(Child(RunningServer.program, words)) }

  private init(_ child: Child) throws {
    end = try child.wait()
    (output, complaint) = (child.standardOutput, child.standardError)
  }

  /// Several at once, since each may wait.
  static func all(_ lines: [[String]]) throws -> [ToolRun] {
    let children = try lines.map { try Child(RunningServer.program, $0) }
    return try children.map { try ToolRun($0) }
  }

  /// As people join programs.
  init(shell: String) throws {
    try self.init(Child("bash", ["-c", shell], environment: ["PROGRAM": RunningServer.program]))
  }

  /// Whether it ended so, and complained in one line that holds these words.
  func failed(_ status: Int32, _ words: String) throws -> Bool {
    let lines = complaint.split(separator: "\n")
    if end == .exited(status), lines.count == 1, complaint.contains(words), complaint.hasPrefix("lmcache-server: ") {
      return true
    }
    throw HarnessFailure("instead of \(status) and '\(words)': \(end) '\(complaint)' '\(output.prefix(300))'")
  }
}

extension RunningServer {
  var place: String { "127.0.0.1:\(port)" }

  func tlsPlace() throws -> String { "127.0.0.1:\(try tlsPort())" }
}

/// What source files may not say, and where they may say it after all.
struct WordRule {
  let reason: String
  let words: [String]
  /// Where the words are allowed: beginnings of paths. One that no longer needs its place has to go, so a list of what is
  /// left to mend can only become shorter.
  let exceptions: [String]

  static let all = [
    WordRule(
      reason: "a session that starts an unstructured task leaves its loop",
      words: ["Task {", "Task{", "Task(", "Task.sleep", "Task.detached", "Task.immediate"], exceptions: ["IO/"]),
    WordRule(
      reason: "a session that reads a clock of the system cannot be replayed",
      words: ["clock_gettime", "ContinuousClock", "SuspendingClock", "gettimeofday"],
      exceptions: ["Base/MonotonicClock.swift", "Base/LogTimestamp.swift", "Bench/Load/Clock.swift"]),
    WordRule(
      reason: "time comes from the loop",
      words: ["MonotonicClock.", "WallClock."],
      exceptions: [
        "Base/Log", "Bench/", "IO/Drivers/", "lmcache-server/ServerProcess.swift", "lmcache-server/DiskSetup.swift",
        // Certificates expire by the calendar, and a thread of its own looks after them.
        "lmcache-server/CertificateReload.swift",
        // A person's command, which no loop runs: deadlines on disk are of the calendar.
        "lmcache-server/Disk/DiskInspection.swift",
        // What Redis's commands say in the time of the calendar.
        "Server/RESP/Commands/RESPSession+Connection.swift", "Server/RESP/Commands/RESPSession+Keys.swift",
        "Server/RESP/Commands/RESPSession+SetOptions.swift",
        // A page shows people the time that they live by.
        "Server/Status/StatusFeed.swift",
      ]),
    WordRule(
      reason: "only IO and what carries a connection's bytes touch its descriptor",
      words: [
        ".descriptor", "driver.close", "driver.shutdown", "driver.release", "loop.send(", "loop.receive(", "loop.lend(",
        "loop.sendAtOnce(",
      ],
      exceptions: [
        "IO/", "Bench/", "Server/Connections/Acceptor.swift", "Server/Connections/Transport.swift",
        "Server/TLS/TLSChannel",
        "Server/Server.swift", "Simulation/Disk/SimulatedDirectory.swift",
      ]),
    WordRule(
      reason: "errors are planted by one hook, and debug builds check locks and nothing else",
      words: ["#if DEBUG"],
      exceptions: ["Base/Guarded.swift", "Base/LockRank.swift", "Base/PlantedFaults.swift"]),
    WordRule(reason: "it is large, and not needed", words: ["import Foundation"], exceptions: []),
  ]

  struct Breach: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let words: String
    let reason: String
    var description: String { "\(path):\(line) uses \(words), but \(reason)" }
  }

  func breaches(in file: SourceTree.File) -> [Breach] {
    exceptions.contains(where: file.path.hasPrefix) ? [] : uses(in: file)
  }

  func uses(in file: SourceTree.File) -> [Breach] {
    var found: [Breach] = []
    for (index, line) in file.lines.enumerated() {
      let code = SourceTree.withoutComment(line)
      for word in words where Self.contains(code, word) {
        found.append(Breach(path: file.path, line: index + 1, words: word, reason: reason))
      }
    }
    return found
  }

  /// Whole words only: `group.addTask {` starts a child, which stays on the loop.
  private static func contains(_ code: Substring, _ words: String) -> Bool {
    code.ranges(of: words).contains { range in
      guard words.first != ".", range.lowerBound > code.startIndex else { return true }
      let before = code[code.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_"
    }
  }
}

import Foundation
import Testing

/// What tools make of servers that are none, or mean harm.
@Suite struct ToolTroubleTests {
  /// What is asked over HTTP, and by RESP.
  private static func pages(_ port: UInt16) -> [[String]] {
    let place = "127.0.0.1:\(port)"
    return [["stats", place], ["top", place, "--count", "1"], ["rm", place, "--all", "--yes"]]
  }

  private static func replies(_ port: UInt16) -> [[String]] {
    let place = "127.0.0.1:\(port)"
    return [["ls", place], ["get", place, "k"], ["rm", place, "k"]]
  }

  @Test func nobodyIsThere() throws {
    let port = try LoopbackListener().port
    for run in try ToolRun.all(Self.pages(port) + Self.replies(port)) {
      #expect(try run.failed(3, "127.0.0.1:\(port): nobody listens there"))
    }
    #expect(try ToolRun("ls", "no.such.host.invalid:1").failed(3, "there is no such host"))
  }

  @Test func aSilentServerIsNotWaitedForEndlessly() throws {
    let server = try FalseServer([])
    let errands = Self.pages(server.port) + Self.replies(server.port)
    for run in try ToolRun.all(errands.map { $0 + ["--timeout", "1"] }) {
      #expect(try run.failed(3, "no answer in time"))
    }
  }

  /// What the protocol does not say, or not here.
  @Test(arguments: [
    "\r\n", "hello\r\n", "\0\0\0\0", "+OK\r\n", "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{\"a\"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut",
  ])
  func pagesOfNonsenseAreRefused(answer: String) throws {
    let server = try FalseServer(answer, then: .closes)
    try Self.refuse(ToolRun.all(Self.pages(server.port)))
  }

  @Test(arguments: [
    "\r\n", "hello\r\n", "\0\0\0\0", "HTTP/1.1 200 OK\r\n\r\n", "*2\r\n$1\r\n0\r\n*1000000000\r\n", "*2\r\n$99\r\n",
    "*2\r\n$1\r\n0\r\n*1\r\n$999999999\r\n", "$99999999999\r\n", "$-5\r\n", "$5\r\nabc", "$3\r\nabcde", ":-1\r\n",
    ":7\r\n", "+OK\r\n", "%1\r\n",
  ])
  func repliesOfNonsenseAreRefused(reply: String) throws {
    let server = try FalseServer(reply, then: .closes)
    try Self.refuse(ToolRun.all(Self.replies(server.port)))
  }

  private static func refuse(_ runs: [ToolRun]) throws {
    for run in runs { #expect(try run.failed(3, "127.0.0.1:")) }
  }

  /// What goes on and on is cut off long before memory or patience end.
  @Test(arguments: [
    ("", "x"), ("HTTP/1.1 200 OK\r\n", "A: b\r\n"), ("*2\r\n$1\r\n7\r\n*100000\r\n", "$1\r\na\r\n"),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\n", String(repeating: "[", count: 4096)
    ),
  ])
  func whatNeverEndsIsCutOff(begin: String, rest: String) throws {
    let server = try FalseServer(begin, then: .repeats(rest))
    for errand in Self.pages(server.port) + Self.replies(server.port) { try Self.refuse([ToolRun(errand)]) }
  }

  /// A cursor that never comes to its end.
  @Test func aListInCirclesEnds() throws {
    let server = try FalseServer(Array(repeating: Array("*2\r\n$1\r\n7\r\n*1\r\n$1\r\na\r\n".utf8), count: 50))
    let run = try ToolRun("ls", "127.0.0.1:\(server.port)")
    #expect(try run.failed(3, "its SCAN goes in circles") && run.output.split(separator: "\n").count < 10)
  }

  /// Escapes that a terminal would obey come out as what they are.
  @Test func whatAServerSaysDoesNothingToTheTerminal() throws {
    let refusing = try FalseServer("-ERR \u{1B}[2J\u{7}no\r\n", then: .closes)
    let run = try ToolRun("get", "127.0.0.1:\(refusing.port)", "k")
    #expect(try run.failed(3, "refused: ERR \\u001b[2J\\u0007no"))
    let naming = try FalseServer("*2\r\n$1\r\n0\r\n*1\r\n$5\r\n\u{1B}[2J\n\r\n", then: .closes)
    #expect(try ToolRun("ls", "127.0.0.1:\(naming.port)").output == "\\u001b[2J\\n\n")
  }

  /// What was cut short leaves no file that looks whole.
  @Test(arguments: [FalseServer.Ending.closes, .isSilent])
  func aValueThatIsCutShortIsNoFile(ending: FalseServer.Ending) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lmcache-get-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "chunk")
    try Data("before".utf8).write(to: file)
    let server = try FalseServer("$100\r\nabc", then: ending)
    let run = try ToolRun("get", "127.0.0.1:\(server.port)", "k", "-o", file.path(), "--timeout", "1")
    #expect(run.end == .exited(3))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["chunk"])
    #expect(try Data(contentsOf: file) == Data("before".utf8))
  }

  /// A server that says of itself that it is not well.
  @Test func aServerThatIsNotWellIsTold() throws {
    let page = "{\"status\": \"stuck\", \"version\": \"1\", \"memory\": {}}"
    let server = try FalseServer("HTTP/1.1 200 OK\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)", then: .closes)
    let run = try ToolRun("stats", "127.0.0.1:\(server.port)")
    #expect(run.end == .exited(1) && run.output.contains(": stuck, lmcache-server 1"))
  }

  @Test func aFullDiskIsTold() throws {
    let server = try RunningServer(.epoll)
    #expect(try server.resp().ask("SET", "k", "value") == "+OK\r\n")
    #expect(try ToolRun(shell: "\"$PROGRAM\" get \(server.place) k > /dev/full").failed(3, "No space left on device"))
  }
}

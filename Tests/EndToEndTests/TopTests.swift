import Foundation
import Testing

/// `top`, on a terminal and elsewhere.
@Suite struct TopTests {
  private static let enter = "\u{1B}[?1049h"
  private static let leave = "\u{1B}[?1049l"

  /// A terminal with `top` on it, which has drawn its first screens.
  private static func shown(_ server: RunningServer, _ words: [String] = []) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(RunningServer.program, ["top", server.place, "--interval", "0.1"] + words)
    try eventually("a screen with rates is shown") { terminal.look().contains("B/s in, ") }
    #expect(terminal.shown.hasPrefix(enter) && !terminal.isAsItWas)
    #expect(terminal.shown.contains("\(server.place)  ok  lmcache-server ") && !terminal.shown.contains(leave))
    return terminal
  }

  private static func isGivenBack(_ terminal: PseudoTerminal) -> Bool {
    terminal.isAsItWas && terminal.shown.hasSuffix("\u{1B}[?7h\u{1B}[?25h\(leave)")
  }

  @Test(arguments: IODriver.available)
  func qEndsIt(driver: IODriver) throws {
    let server = try RunningServer(driver)
    let terminal = try Self.shown(server)
    terminal.type("xq")
    #expect(try terminal.wait() == 0)
    #expect(Self.isGivenBack(terminal))
  }

  @Test func controlCEndsIt() throws {
    let server = try RunningServer(.epoll)
    let terminal = try Self.shown(server)
    terminal.type("\u{3}")
    #expect(try terminal.wait() == 130)
    #expect(Self.isGivenBack(terminal))
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func signalsEndIt(signal: Int32) throws {
    let server = try RunningServer(.epoll)
    let terminal = try Self.shown(server)
    kill(terminal.pid, signal)
    #expect(try terminal.wait() == 128 + signal)
    #expect(Self.isGivenBack(terminal))
  }

  @Test func itEndsAfterSoManyIntervals() throws {
    let server = try RunningServer(.epoll)
    let terminal = try Self.shown(server, ["--count", "2"])
    #expect(try terminal.wait() == 0)
    #expect(Self.isGivenBack(terminal))
  }

  @Test func aServerThatGoesIsWaitedFor() throws {
    let server = try RunningServer(.epoll)
    let terminal = try Self.shown(server)
    #expect(try server.stop() == .exited(0))
    try eventually("it says so") { terminal.look().contains("nobody listens there") }
    let again = try RunningServer(.epoll, port: server.port)
    let before = terminal.shown.count
    try eventually("it is back") { terminal.look().dropFirst(before).contains("  ok  lmcache-server ") }
    #expect(again.isRunning)
    terminal.type("q")
    #expect(try terminal.wait() == 0)
  }

  // MARK: Elsewhere

  @Test func itIsLinesWhereTheOutputIsNoTerminal() throws {
    let server = try RunningServer(.epoll)
    let run = try ToolRun("top", server.place, "--interval", "0.1", "--count", "3")
    let lines = run.output.split(separator: "\n")
    #expect(run.end == .exited(0) && lines.count == 3 && run.complaint.isEmpty)
    for line in lines {
      #expect(line.hasPrefix("status=ok memory=") && line.contains(" in=") && !line.contains("\u{1B}"))
      #expect(line.split(separator: " ").allSatisfy { $0.contains("=") }, "\(line)")
    }
  }

  @Test func ratesAreThoseOfTheServer() throws {
    let server = try RunningServer(.epoll)
    let child = try Child(RunningServer.program, ["top", server.place, "--interval", "0.2"])
    let client = try server.resp()
    try eventually("hits are seen") {
      let (stored, held) = try (client.ask("SET", "a@1@0@1@b", "x"), client.ask("EXISTS", "a@1@0@1@b"))
      #expect(stored == "+OK\r\n" && held == ":1\r\n")
      return child.standardOutput.contains(" hit=100.0% ") && child.standardOutput.contains(" lookups=")
    }
    child.signal(SIGTERM)
    #expect(try child.wait() == .signalled(SIGTERM), "nothing has to be given back")
  }
}

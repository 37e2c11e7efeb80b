import IO
import Base
import Setup

/// `lmcache-server top`: looks at a server again and again. A server that goes is waited for.
struct TopTool {
  let errand: Errand

  func run() async throws(ToolFailure) -> Int32 {
    // Who names a wrong address learns it at once, and on a screen that stays.
    var before = try await StatsTool.look(errand)
    var lookedAt = errand.loop.now
    let terminal = try Terminal.open()
    defer { terminal?.leave() }
    if let terminal { terminal.show(TopScreen.lines(of: before, Load(), at: errand.target.text)) }
    var intervals = 0
    var complaint: ToolFailure?
    while errand.options.count.map({ intervals < $0 }) ?? true {
      await errand.loop.sleep(nanoseconds: UInt64(errand.options.intervalTenths) * 100_000_000)
      intervals += 1
      do throws(ToolFailure) {
        let now = try await StatsTool.look(errand)
        let seconds = Double(errand.loop.now - lookedAt) / 1e9
        try show(now, Load(from: before, to: now, seconds: seconds), terminal)
        (before, lookedAt, complaint) = (now, errand.loop.now, nil)
      } catch {
        complaint = error
        tell(error, terminal)
      }
    }
    if let complaint { throw complaint }
    return 0
  }

  private func show(_ figures: ServerFigures, _ load: Load, _ terminal: Terminal?) throws(ToolFailure) {
    guard let terminal else { return try StandardOutput.write(TopScreen.line(of: figures, load) + "\n") }
    terminal.show(TopScreen.lines(of: figures, load, at: errand.target.text))
  }

  /// Beside the lines, so that they stay what they are.
  private func tell(_ failure: ToolFailure, _ terminal: Terminal?) {
    guard let terminal else { return StandardOutput.complain(failure.message) }
    terminal.show([failure.message, "", "asking again; q ends this"])
  }
}

import Base
import Glibc
import IO
import Setup

/// The commands that ask a server which runs.
package enum ToolProgram {
  /// Does what was asked, and returns the status to exit with. It may as well end the process itself.
  package static func run(_ command: ToolCommand) -> Int32 {
    if command.tool == .probe { alarm(Limits.probeAlarmSeconds) }
    // A reader that has gone is an error of one write.
    signal(SIGPIPE, SIG_IGN)
    do {
      let loop = EventLoop(index: 0, driver: try EpollDriver(), verbsMax: 16)
      let errand = try Errand(command.options, on: loop)
      loop.startRoot { exit(await status(of: command.tool, errand)) }
      loop.run()
    } catch let failure as OptionFailure {
      StandardOutput.complain(failure.message)
      return failure.exitCode
    } catch {
      StandardOutput.complain("\(error)")
    }
    return ToolFailure.Status.unreachable
  }

  private static func status(of tool: Tool, _ errand: Errand) async -> Int32 {
    do throws(ToolFailure) {
      switch tool {
      case .probe: return try await HealthProbe(errand: errand).run()
      case .stats: return try await StatsTool(errand: errand).run()
      case .top: return try await TopTool(errand: errand).run()
      case .list: return try await ListTool(errand: errand).run()
      case .get: return try await GetTool(errand: errand).run()
      case .remove: return try await RemoveTool(errand: errand).run()
      }
    } catch {
      StandardOutput.complain(error.message)
      return error.exitCode
    }
  }
}

import Base
import Glibc
import Server
import Setup
import Tools

// Before any thread exists: all of them must leave these signals to the one that waits for them.
ProcessSignals.block()
// With a standard descriptor closed, the first socket would take its number, and log lines would go to a client.
StandardDescriptors.reserve()
Limits.check()

let arguments = Array(CommandLine.arguments.dropFirst())
let program = CommandLine.arguments.first ?? ""
do throws(OptionFailure) {
  switch try OptionParser.parse(arguments, program: program) {
  case .help: print(HelpText.text)
  case .version: print("lmcache-server \(Version.current)")
  case .tool(let command):
    ProcessSignals.unblock()
    exit(ToolProgram.run(command))
  case .toolHelp(let tool): print(ToolHelp.text(tool))
  case .disk(let command):
    ProcessSignals.unblock()
    exit(DiskInspection.run(command))
  case .tell(let telling):
    ProcessSignals.unblock()
    print(telling.text, terminator: "")
  case .show(let options):
    // What would be refused at the start is refused here.
    _ = try UserSetup.make(options)
    print(ConfigurationListing(options).text, terminator: "")
  case .serve(let options):
    let read: @Sendable () throws(OptionFailure) -> ServerOptions = { [arguments, program] () throws(OptionFailure) in
      guard case .serve(let options) = try OptionParser.parse(arguments, program: program) else {
        preconditionFailure("the same words ask for the same")
      }
      return options
    }
    try ServerProcess.make(options, read: read).run()
  }
} catch {
  StandardDescriptors.complain(error.message)
  exit(OptionParser.isPositionalForm(arguments) ? ExitCode.positional : error.exitCode)
}

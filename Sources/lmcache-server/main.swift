import Base
import Glibc
import Server

// Before any thread exists: all of them must leave these signals to the one that waits for them.
TerminationSignals.block()
Limits.check()

do throws(OptionFailure) {
  switch try OptionParser.parse(Array(CommandLine.arguments.dropFirst())) {
  case .help: print(HelpText.text)
  case .version: print("lmcache-server \(Version.current)")
  case .probe(let host, let port): exit(HealthProbe.run(host: host, port: port))
  case .serve(let options): try ServerProcess.make(options).run()
  }
} catch {
  StandardError.write("\(error.message)")
  exit(error.exitCode)
}

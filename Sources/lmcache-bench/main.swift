import Bench
import Glibc

/// Ends the progress line before anything else is printed.
func run() throws(Failure) -> [String] {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if let telling = try Telling(arguments) {
    print(telling.text, terminator: "")
    return []
  }
  let options = try Options.parse(arguments)
  var reporter = Reporter(options.output)
  defer { reporter.endProgress() }
  let run = try Benchmark.run(options, commandLine: arguments) { reporter.show($0) }
  reporter.endProgress()
  try reporter.report(run)
  return run.faults
}

do throws(Failure) {
  let faults = try run()
  for fault in faults { complain("lmcache-bench: \(fault)") }
  if !faults.isEmpty { exit(1) }
} catch {
  complain("lmcache-bench: \(error.message)")
  exit(2)
}
exit(0)

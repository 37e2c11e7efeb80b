import Glibc

/// Sets up every target before the first round, so that no round pays for it.
func measure(_ options: Options) throws(Failure) -> [Summary] {
  let pattern = Pattern()
  var rigs: [Rig] = []
  for target in options.targets { rigs.append(try Rig(target, options, pattern: pattern)) }
  for rig in rigs {
    try rig.prepare()
    try rig.launch()
  }
  for _ in 0..<options.rounds {
    for rig in rigs { try rig.runRound() }
  }
  return rigs.map { Summary($0, against: rigs[0], options.command) }
}

func run() throws(Failure) {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments.contains("--help") || arguments.contains("-h") { return print(usage) }
  let options = try Options.parse(arguments)
  let summaries = try measure(options)
  if options.json {
    for summary in summaries { print(Report.json(summary, options)) }
  } else {
    print(Report.table(summaries, options))
  }
}

do throws(Failure) {
  try run()
} catch {
  complain("lmcache-bench: \(error.message)")
  exit(2)
}
exit(0)

import Manual

/// What `--help` and the manual page say.
enum Usage {
  static var text: String {
    """
    lmcache-bench \(summary), several side by side.

    usage: lmcache-bench COMMAND [options] TARGET [--vs TARGET]...

    targets: \(targetForms)
    \(indented(targets, 2))

    examples
    \(examples)

    commands
    \(BenchCommands.all.map { entry(call($0), $0.meaning) }.joined(separator: "\n"))

    \(BenchOptions.groups.map(group).joined(separator: "\n\n"))

    \(indented(advice + " Exit status: " + status, 0))

    """
  }

  static var manual: Manual {
    Manual(
      program: "lmcache-bench", summary: summary, version: "",
      calls: ["COMMAND [options] TARGET [--vs TARGET]...", "completions \(Shell.placeholder)", "man", "--help"],
      description: [
        .paragraph("Several stores are measured side by side. A TARGET is \(targetForms)."), .paragraph(targets),
        .paragraph(advice),
      ],
      commands: BenchCommands.all,
      groups: BenchOptions.groups + [Manual.OptionGroup("Help", [ManualOption("--help", "prints all of this")])],
      chapters: [
        Manual.Chapter("Examples", [.verbatim(examples)]), Manual.Chapter("Exit status", [.paragraph(status)]),
        Manual.Chapter("See also", [.paragraph("lmcache-server(1)")]),
      ])
  }

  private static let width = 118
  /// Where meanings begin.
  private static let margin = 29

  private static let summary = "measures stores for LMCache's KV chunks"
  private static let targetForms =
    "[LABEL=]lm://HOST:PORT, redis://[[USER]:PASSWORD@]HOST:PORT, memcached://HOST:PORT"
  private static let targets =
    "They take turns in short rounds, so that a disturbance hits all of them alike. The first one is what the others"
    + " are compared with, round by round."
  private static let advice =
    "Give the server and the client cores of their own. Trust ratios before speeds, and their spread before both."
    + " docs/BENCH.md says more."
  private static let status =
    "0; 1 where values were missing or requests failed; 2 for a wrong command line, an unreachable server"
    + " or an unexpected reply."

  private static let examples = """
      Which one moves 32 MiB fastest, and at what price?
        taskset -c 1 lmcache-bench get --connections 4 \\
          ours=lm://127.0.0.1:65432 --server-pid 4711 --vs redis=redis://127.0.0.1:6379 --server-pid 4712
      How long do requests wait when two thousand a second come by chance?
        lmcache-bench exist --rate 2000 --poisson --connections 4 lm://127.0.0.1:65432
      How much of their prompts do the users of a recorded day find?
        lmcache-bench session --trace day.jsonl --requests 500 --model llama-3-8b lm://127.0.0.1:65432
    """

  private static func group(_ group: Manual.OptionGroup) -> String {
    let entries = group.options.map { option in
      let standard = option.standard.isEmpty ? "" : " (\(option.standard))"
      return entry("\(option.name) \(option.placeholder)", option.meaning + standard)
    }
    return ([group.title.lowercased()] + entries).joined(separator: "\n")
  }

  private static func call(_ command: ManualCommand) -> String {
    command.takesProgramOptions ? command.word : command.call
  }

  private static func entry(_ term: String, _ meaning: String) -> String {
    let lines = Prose.lines(meaning, width: width - margin)
    let start = "    " + term
    // A term that reaches into the meanings has a line of its own.
    let isLong = start.count >= margin
    let first = isLong ? start : start + String(repeating: " ", count: margin - start.count) + lines[0]
    let rest = isLong ? lines[...] : lines.dropFirst()
    return ([first] + rest.map { String(repeating: " ", count: margin) + $0 }).joined(separator: "\n")
  }

  private static func indented(_ text: String, _ count: Int) -> String {
    Prose.lines(text, width: width - count).map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
  }
}

import Base
import Manual

/// What the server tells of itself, out of the records that it works by.
enum ServerManual {
  static var manual: Manual {
    Manual(
      program: "lmcache-server", summary: "keeps the KV cache chunks of LMCache engines", version: Version.current,
      calls: ["[flags]", "<host> <port> [cpu] [flags]"] + ServerCommands.all.map(\.call)
        + ["--print-config [flags]", "--help | --version"],
      description: [
        .paragraph(HelpText.about),
        .paragraph(
          "With <host> and <port> first it is called as LMCache's own lmcache_server is. Any number of engines may"
            + " share one server; two servers behind one address would each hold half of the chunks."),
      ],
      commands: ServerCommands.all, groups: [Manual.OptionGroup("", general + Flag.all.map(\.manual))],
      chapters: chapters)
  }

  private static let general = [
    ManualOption("--help", "prints every flag with its variable, meaning and default"),
    ManualOption("--version", "prints the version"),
    ManualOption(OptionParser.showing, "prints each setting and where it comes from, and does not serve"),
  ]

  private static let chapters = [
    Manual.Chapter(
      "Values",
      [
        .paragraph(HelpText.precedence), .paragraph("Each flag may also be written as --flag=value."),
        .paragraph(HelpText.sizes),
      ]),
    Manual.Chapter("Configuration file", [.paragraph(HelpText.file)]),
    Manual.Chapter(
      "Signals",
      [
        .item("SIGTERM, SIGINT", "drains and ends; the second one ends at once."),
        .item("SIGHUP", "reads limits, configuration file, certificates, users and tokens again."),
      ]),
    Manual.Chapter(
      "Exit status",
      [
        .paragraph(
          "0 after a drain, or where a probe found a healthy server. \(ExitCode.flag) for flags that are wrong;"
            + " \(ExitCode.positional) for a wrong <host> or <port>, a machine that cannot do what was asked,"
            + " or a probe that found no healthy server. What is wrong is one line on standard error.")
      ]),
    Manual.Chapter(
      "Files",
      [
        .item("/etc/lmcache-server/lmcache-server.yaml", "what the service of the Debian package reads."),
        .item("/var/cache/lmcache-server", "where that service may keep chunks, once --disk names it."),
      ]),
    Manual.Chapter("Examples", [.verbatim(HelpText.examples), .verbatim(HelpText.pointing)]),
    Manual.Chapter("See also", [.paragraph("lmcache-bench(1)")]),
  ]
}

extension Flag {
  var manual: ManualOption {
    ManualOption(
      name, takes: placeholder, meaning, standard: standard, variable: variable, repeats: repeats,
      isValueOptional: isSwitch)
  }
}

/// The tools' own records, as the manual page and the completions of shells take them.
extension Tool {
  var manual: ManualCommand {
    ManualCommand(rawValue, takes: usage, summary, options: ToolFlag.all(for: self).map(\.manual))
  }
}

extension ToolFlag {
  var manual: ManualOption {
    ManualOption(name, takes: placeholder, meaning, standard: ["none", "no"].contains(standard) ? "" : standard)
  }
}

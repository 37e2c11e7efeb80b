import Manual

/// A program with all that a record can have, and with characters that shells and troff take for something else.
let sample = Manual(
  program: "some-tool", summary: "it's \"quoted\"", version: "1.2", calls: ["[flags]", "look DIR [--deep]"],
  description: [.paragraph(".it begins with a point"), .paragraph("and 'this' with \\ a slash")],
  commands: [
    ManualCommand("look", takes: "DIR", "what's in it", options: [ManualOption("--deep", "all: [of] it")]),
    ManualCommand("run", takes: "TARGET", "does it", takesProgramOptions: true),
  ],
  groups: [
    Manual.OptionGroup(
      "",
      [
        ManualOption("--mode", takes: "fast|safe", "how it's done; slowly", standard: "fast", variable: "TOOL_MODE"),
        ManualOption("--file", takes: "FILE", "a file", repeats: true),
        ManualOption("--place", takes: "PATH|off", "a directory"),
        ManualOption("--wait", takes: "yes|no", "whether to wait", isValueOptional: true),
        ManualOption("--count", takes: "N", "a number"), ManualOption("--help", "prints `all` $HOME"),
      ])
  ],
  chapters: [Manual.Chapter("Examples", [.verbatim("  some-tool --x\n'second\n.third")])])

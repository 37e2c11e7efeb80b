import Manual

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

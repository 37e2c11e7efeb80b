/// An option, as help, manual page and completions tell of it.
package struct ManualOption: Sendable {
  /// With its dashes.
  package let name: String
  /// What it takes; empty for an option that stands alone. In brackets where it may be left out.
  package let placeholder: String
  package let meaning: String
  /// What counts where it is not given; empty where that goes without saying.
  package let standard: String
  /// The variable of the environment that does the same, if there is one.
  package let variable: String
  package let repeats: Bool
  /// Whether it may stand without its value.
  package let isValueOptional: Bool

  package init(
    _ name: String, takes placeholder: String = "", _ meaning: String, standard: String = "", variable: String = "",
    repeats: Bool = false, isValueOptional: Bool = false
  ) {
    self.name = name
    self.placeholder = placeholder
    self.meaning = meaning
    self.standard = standard
    self.variable = variable
    self.repeats = repeats
    self.isValueOptional = isValueOptional || placeholder.hasPrefix("[FILE")
  }

  /// One line for a list that a shell shows.
  var brief: String {
    let end = meaning.firstRange(of: "; ")?.lowerBound ?? meaning.endIndex
    return meaning[..<end].split { $0 == "\n" || $0 == " " }.joined(separator: " ")
  }
}

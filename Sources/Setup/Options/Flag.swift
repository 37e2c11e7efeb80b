import Base

/// A setting that the command line, the environment and the configuration file know. Its record holds all that is to be
/// said about it.
package struct Flag: Sendable {
  /// The name without its dashes.
  let word: String
  let variable: String
  let placeholder: String
  let meaning: String
  /// How the help describes what counts when nothing is given.
  let standard: String
  /// A value that is accepted.
  let example: String
  /// Whether its name alone says yes.
  let isSwitch: Bool
  /// Whether it may be given again, and each time adds to what was given. A comma does the same.
  let repeats: Bool
  /// Whether its value is never shown. Those who may see a file's name need not see a secret.
  let isSecret: Bool
  let apply: @Sendable (Setting, inout ServerOptions) throws(OptionFailure) -> Void
  let isSame: @Sendable (ServerOptions, ServerOptions) -> Bool
  /// From the first to the second.
  let carry: @Sendable (ServerOptions, inout ServerOptions) -> Void

  var name: String { "--" + word }
  /// What it is called in a configuration file.
  var fileName: String { String(word.map { $0 == "-" ? "_" : $0 }) }

  /// - Parameter variable: where it is not the flag's own name in capitals.
  init<Value: Equatable & SendableMetatype>(
    _ word: String, variable: String? = nil, takes placeholder: String, _ meaning: String, standard: String,
    example: String, isSwitch: Bool = false, repeats: Bool = false, isSecret: Bool = false,
    sets place: any WritableKeyPath<ServerOptions, Value> & Sendable,
    _ parse: @escaping @Sendable (Setting) throws(OptionFailure) -> Value
  ) {
    self.word = word
    let capitals = String(word.uppercased().map { $0 == "-" ? "_" : $0 })
    self.variable = variable ?? "LMCACHE_SERVER_\(capitals)"
    self.placeholder = placeholder
    self.meaning = meaning
    self.standard = standard
    self.example = example
    self.isSwitch = isSwitch
    self.repeats = repeats
    self.isSecret = isSecret
    apply = { (setting, options) throws(OptionFailure) in options[keyPath: place] = try parse(setting) }
    isSame = { $0[keyPath: place] == $1[keyPath: place] }
    carry = { $1[keyPath: place] = $0[keyPath: place] }
  }

  static func choices<Choice: CaseIterable & RawRepresentable>(of: Choice.Type) -> String
  where Choice.RawValue == String {
    Choice.allCases.map(\.rawValue).joined(separator: "|")
  }
}

extension Flag: Hashable {
  package static func == (left: Flag, right: Flag) -> Bool { left.word == right.word }
  package func hash(into hasher: inout Hasher) { hasher.combine(word) }
}

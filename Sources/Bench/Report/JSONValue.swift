/// A piece of a JSON document. Fields keep their order.
enum JSONValue {
  struct Field {
    let name: String
    let value: JSONValue
  }

  case null
  case flag(Bool)
  case whole(Int)
  case number(Double, decimals: Int)
  case text(String)
  case list([JSONValue])
  case fields([Field])

  static func object(_ fields: [(String, JSONValue)]) -> JSONValue {
    .fields(fields.map { Field(name: $0, value: $1) })
  }

  /// Objects over several lines, lists of plain values on one.
  func document() -> String {
    var output = ""
    write(to: &output, indent: "")
    return output + "\n"
  }

  /// Every plain value with its path, joined by underscores: the columns of a table. Lists are left out.
  func flattened(_ path: String = "") -> [(String, JSONValue)] {
    switch self {
    case .list: return []
    case .fields(let fields):
      return fields.flatMap { $0.value.flattened(path.isEmpty ? $0.name : path + "_" + $0.name) }
    default: return [(path, self)]
    }
  }

  private func write(to output: inout String, indent: String) {
    switch self {
    case .null: output += "null"
    case .flag(let value): output += value ? "true" : "false"
    case .whole(let value): output += String(value)
    case .number(let value, let decimals):
      let digits = fixed(value, decimals)
      output += digits == "-" ? "null" : digits
    case .text(let value): output += Self.quoted(value)
    case .list(let values):
      let broken = values.contains { if case .fields = $0 { true } else { false } }
      Self.write(values.map { (nil, $0) }, between: ("[", "]"), broken: broken, to: &output, indent: indent)
    case .fields(let fields):
      let broken = fields.contains { $0.value.isNested }
      Self.write(fields.map { ($0.name, $0.value) }, between: ("{", "}"), broken: broken, to: &output, indent: indent)
    }
  }

  private var isNested: Bool {
    switch self {
    case .list, .fields: true
    default: false
    }
  }

  private static func write(
    _ members: [(String?, JSONValue)], between ends: (String, String), broken: Bool, to output: inout String,
    indent: String
  ) {
    let inner = indent + "  "
    output += ends.0
    for (index, (name, value)) in members.enumerated() {
      if index > 0 { output += broken ? "," : ", " }
      if broken { output += "\n" + inner }
      if let name { output += quoted(name) + ": " }
      value.write(to: &output, indent: inner)
    }
    if broken { output += "\n" + indent }
    output += ends.1
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\u{0}"..<"\u{20}":
        let hex = String(character.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}

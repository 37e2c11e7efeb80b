/// One line a target and case, for spreadsheets and data frames (RFC 4180). The columns are those of `Document`, flattened.
enum CSV {
  static func text(_ run: Run) -> String {
    let rows = run.cases.flatMap { one in one.results.map { row($0, of: one, in: run) } }
    let header = rows.first?.map { quoted($0.0) } ?? []
    let lines = rows.map { row in row.map { cell($0.1) }.joined(separator: ",") }
    return ([header.joined(separator: ",")] + lines).map { $0 + "\r\n" }.joined()
  }

  private static func row(_ result: TargetResult, of one: Case, in run: Run) -> [(String, JSONValue)] {
    JSONValue.object(
      [("date", .text(run.environment.date))] + Document.fields(of: one)
        + Document.fields(of: result, against: one.results[0])
    ).flattened()
  }

  private static func cell(_ value: JSONValue) -> String {
    switch value {
    case .null, .list, .fields: ""
    case .flag(let value): value ? "true" : "false"
    case .whole(let value): String(value)
    case .number(let value, let decimals): fixed(value, decimals) == "-" ? "" : fixed(value, decimals)
    case .text(let value): quoted(value)
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { "\",\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}

/// Columns under their names: the first aligned left, figures right.
struct TextTable {
  let header: [String]
  private(set) var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  mutating func add(_ row: [String]) {
    precondition(row.count == header.count, "a row has a cell for each column")
    rows.append(row)
  }

  /// Columns without any content are left out.
  func text() -> String {
    let kept = header.indices.filter { column in column == 0 || rows.contains { $0[column] != "-" } }
    let widths = kept.map { column in ([header] + rows).map { $0[column].count }.max()! }
    return ([header] + rows).map { row in
      zip(kept, widths).map { padded(row[$0], to: $1, left: $0 == 0) }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

/// Finds the name that was probably meant.
enum NearestName {
  /// A name cut short, or else the one with the fewest letters to change. Nil when that is more than a third of them.
  static func of(_ typed: String, among names: [String]) -> String? {
    let completions = names.filter { $0.hasPrefix(typed) }
    if completions.count == 1 { return completions[0] }
    let ranked = names.map { (name: $0, edits: edits(Array(typed.utf8), Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.edits < $1.edits }) else { return nil }
    return best.edits <= max(1, best.name.utf8.count / 3) ? best.name : nil
  }

  /// Letters to insert, remove or replace.
  private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, min(diagonal, row[column]) + 1)
      }
    }
    return row[right.count]
  }
}

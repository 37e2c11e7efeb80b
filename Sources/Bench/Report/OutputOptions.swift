/// Where the results go, besides the table.
package struct OutputOptions: Sendable {
  package var json = false

  package init() {}

  /// Takes an option that belongs here; `value` gives the word after it. False for options of others.
  mutating func take(_ option: String, value: () throws(Failure) -> String) throws(Failure) -> Bool {
    switch option {
    case "--json": json = true
    default: return false
    }
    return true
  }
}

import Foundation

/// A condition of the harness that did not come true; the test fails with these words.
struct HarnessFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Waits until `condition` holds. The time limit only keeps a broken server from hanging the suite; no test measures
/// it.
func eventually(_ what: String, patienceSeconds: Double = 180, _ condition: () throws -> Bool) throws {
  let end = Date().addingTimeInterval(patienceSeconds)
  while try !condition() {
    guard Date() < end else { throw HarnessFailure("waited in vain until \(what)") }
    // Seldom enough that a condition which queries the server does not load it.
    usleep(20_000)
  }
}

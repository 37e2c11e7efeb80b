/// Where a connection came in, which decides what it may speak.
package enum Door: String, CaseIterable, Sendable {
  /// Chunks, and the pages that tell how the server is.
  case data
  /// Chunks by `lm` alone, which has no credentials.
  case lm
  /// The registry of who has which chunk.
  case lookup
  /// Engines that take this server for one of them.
  case peer
  /// What changes the state of the server.
  case admin
}

/// Where a connection came in, which decides what it may speak.
enum Door: Sendable {
  /// Chunks, and the pages that tell how the server is.
  case data
  /// The registry of who has which chunk.
  case lookup
  /// Engines that take this server for one of them.
  case peer
}

/// What the prompts of a session found in the store.
package struct SessionOutcome: Equatable, Sendable {
  /// Prompts served.
  package var requests = 0
  package var tokensRequested = 0
  /// Tokens of the prefix found and read without a gap from the start: an engine need not compute them.
  package var tokensHit = 0
  package var exists = 0
  package var gets = 0
  package var puts = 0
  /// GETs that missed a chunk which EXIST had just found: an engine computes the rest of the prompt again.
  package var lostAfterExist = 0

  /// From the time a prompt was due to the last byte of its prefix: how long an engine waits before it can compute.
  package var loading = Latencies()

  package init() {}

  package var usablePrefixHitRatio: Double {
    tokensRequested == 0 ? 0 : Double(tokensHit) / Double(tokensRequested)
  }
}

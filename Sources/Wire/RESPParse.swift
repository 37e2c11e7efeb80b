/// What the decoder made of the bytes so far.
package enum RESPParse: Equatable, Sendable {
  /// Not all there: come back with at least so many bytes behind the ones given.
  case needMore(Int)
  /// All arguments are there; the next request begins behind `consumed` bytes.
  case request(consumed: Int)
  /// An empty array or line, which is skipped without an answer.
  case nothing(consumed: Int)
  /// The next argument is long, and its `bytes` begin at `offset`: take it out of the way (`takeBody`), or have it gathered
  /// as every other argument (`gatherBody`).
  case body(bytes: Int, offset: Int)
  /// Answer with this and close.
  case malformed(RESPProtocolError)
}

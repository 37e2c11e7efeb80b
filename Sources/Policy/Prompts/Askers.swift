/// Which connection looks up for which: a client may look up on one, and fetch and store on another. What it stores a look-up
/// had not found, and what it fetches a look-up had: mostly its own.
struct Askers: Sendable {
  private struct Guess {
    var stream: UInt16 = 0
    /// How often it was so, less what was otherwise.
    var votes: UInt8 = 0

    /// From so many votes on it is known; a vote for another one takes as many.
    static let known: UInt8 = 4
    static let most: UInt8 = 16

    mutating func note(_ stream: UInt16) {
      if self.stream == stream {
        votes = min(votes + 1, Self.most)
      } else if votes > Self.known {
        votes -= Self.known
      } else {
        self = Guess(stream: stream, votes: 1)
      }
    }
  }

  /// Of the streams on which prompts are fetched and stored, and of those on which they are looked up.
  private var askers = [Guess](repeating: Guess(), count: PolicyLimits.streams)
  private var fetchers = [Guess](repeating: Guess(), count: PolicyLimits.streams)

  static let bytes = 2 * PolicyLimits.streams * MemoryLayout<Guess>.stride

  /// What was looked up there is fetched or stored here.
  mutating func note(_ asker: UInt16, for stream: UInt16) {
    askers[Int(stream)].note(asker)
    fetchers[Int(asker)].note(stream)
  }

  /// Where it is looked up what is fetched and stored on this stream, if that is known.
  func asker(for stream: UInt16) -> UInt16? {
    askers[Int(stream)].votes >= Guess.known ? askers[Int(stream)].stream : nil
  }

  /// Whether what is looked up there is known to be fetched elsewhere than on this stream.
  func isOfOther(_ asker: UInt16, than stream: UInt16) -> Bool {
    fetchers[Int(asker)].votes >= Guess.known && fetchers[Int(asker)].stream != stream
  }
}

import Base

/// A handshake that has a place, or waits for one.
final class HandshakePlace {
  enum State {
    case outside, held
    case waiting
    /// It was given to another.
    case lost
    /// There was no room in the line.
    case turnedAway
  }

  /// Whose it is; nil where that is not known.
  let address: IPAddress?
  /// Since when nothing is missing but the client's bytes, as if it were awaited only now; nil while the server has something
  /// to do.
  private(set) var waitsSince: UInt64?
  /// Before: bytes that drip in make no client quick.
  private var waited: UInt64 = 0
  /// For `HandshakePlaces` to change, as its holder.
  var state = State.outside
  var holder: HandshakeHolder?
  private(set) lazy var link = WaitingLine<HandshakePlace>.Link(self)
  /// Ends its task's sleep in the line.
  var wake: () -> Void = {}
  let abort: () -> Void

  init(_ address: IPAddress?, abort: @escaping () -> Void) { (self.address, self.abort) = (address, abort) }

  var isLost: Bool { state == .lost }

  func awaitClient(from now: UInt64) { waitsSince = now - waited }

  func clientCame(at now: UInt64) {
    if let waitsSince { waited = now - waitsSince }
    waitsSince = nil
  }
}

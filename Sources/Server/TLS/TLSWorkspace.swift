import Base
import Glibc
import Store
import TLS

/// What the TLS connections of one worker share.
final class TLSWorkspace {
  /// For connections that move much; the others have enough of their own.
  let wideBuffers: WideBufferPool
  /// Small pieces of a reply are brought together here to leave in one record. Nothing stays in it.
  let staging: UnsafeMutableRawBufferPointer
  let metrics = TLSMetrics()
  /// Who may be in the middle of a handshake.
  var handshakes = HandshakePlaces(Limits.tlsHandshakesPerLoop, line: Limits.tlsHandshakesInLine)
  /// Who may wait for a turn to compute: one, for a second would make the bodies in that queue wait twice as long.
  var steps = LoopGate(1)

  init(store: Store) {
    wideBuffers = WideBufferPool(store: store)
    staging = .allocate(byteCount: Limits.tlsRecordBytes, alignment: 64)
  }

  deinit { staging.deallocate() }
}

/// Lets so many tasks of one loop through at a time; the others wait in the order in which they came.
struct LoopGate: ~Copyable {
  private var free: Int
  private var waiting = Queue<UnsafeContinuation<Void, Never>>()

  init(_ places: Int) { free = places }

  /// Whether there is a place. Without one, the task has to wait by `line`.
  mutating func enter() -> Bool {
    guard free > 0 else { return false }
    free -= 1
    return true
  }

  /// The place is the waiter's when it goes on.
  mutating func line(_ continuation: UnsafeContinuation<Void, Never>) { waiting.append(continuation) }

  mutating func leave() {
    if let next = waiting.popFirst() { return next.resume() }
    free += 1
  }
}

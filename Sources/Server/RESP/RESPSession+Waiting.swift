import Base
import IO
import Store

/// Values that are whole and wait: for the rest of their request, or for EXEC. Nothing ends their wait but the client, so
/// they are looked after whenever the session waits for anything.
extension RESPSession {
  var heldValues: Int { bodies.held + transaction.bodies.held }

  /// Of its address's share it holds no more than they take.
  func settleClaims() { connection.settleClaims(to: bodies.heldBytes + transaction.bodies.heldBytes) }

  /// When a receive has to look after them at the latest.
  var lookDeadline: UInt64 { heldValues > 0 ? loop.now + Limits.bodyTickNanoseconds : EventLoop.never }

  /// Bytes came, or the client is listened to again.
  func noteArrival() { lastArrival = loop.now }

  var isSilent: Bool { loop.now - lastArrival >= Limits.silentBodyNanoseconds }

  /// Gives back the pages that others need more.
  func lookAfterValues() {
    guard heldValues > 0, loop.now - lastLook >= Limits.bodyTickNanoseconds else { return }
    lastLook = loop.now
    bodies.dropUnwanted()
    transaction.bodies.dropUnwanted()
  }

  /// The same while the client is listened to: of one that says nothing for long all pages go.
  func lookAfterValuesOfSilent() {
    lookAfterValues()
    guard heldValues > 0, isSilent else { return }
    bodies.dropAll(.silent)
    transaction.bodies.dropAll(.silent)
  }

  /// One value of a client always finds a place. More of them leave places to the values of others.
  var mayHoldAnotherValue: Bool {
    heldValues == 0 || heldValues < Limits.respHeldValuesMax && worker.store.hasBodiesToSpare
  }
}

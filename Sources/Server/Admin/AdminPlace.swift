/// One of the few connections that the door of administration has room for.
final class AdminPlace: @unchecked Sendable {
  let door: AdminDoor
  // Used by the loop that accepts, which serves these connections too.
  private var transport: Transport?
  /// A whole request has come, and its answer is not yet on its way.
  var isAnswering = false

  init(_ door: AdminDoor) { self.door = door }

  func belong(to transport: Transport) { self.transport = transport }

  /// It is another's now. The connection ends.
  func lose() { transport?.abort() }

  func leave() { door.leave(self) }
}

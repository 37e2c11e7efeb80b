/// What a client has said of itself.
struct RESPClient {
  let id: Int
  let openedAt: UInt64
  var name: [UInt8] = []
  var libraryName: [UInt8] = []
  var libraryVersion: [UInt8] = []
  var database = 0
  var isAuthenticated: Bool
  /// It said HELLO or CLIENT. LMCache's native client never does; it compares short replies byte by byte, and whatever
  /// else it is told it takes for part of the next reply.
  var hasIntroducedItself = false
}

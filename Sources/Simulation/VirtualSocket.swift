import IO

/// One end of a pretend connection, or a listener.
struct VirtualSocket {
  struct Waiting {
    var operation: Operation
    var token: UInt64
    var driver: SimulatedDriver
  }

  var peer: Int32?
  /// Bytes that have arrived and were not read.
  var inbox = Inbox()
  /// Bytes on their way here; together with the inbox they are what a sender may have outstanding.
  var underWay = 0
  /// What is under way arrives in order: nothing overtakes this time.
  var lastArrival: UInt64 = 0
  var windowBytes: Int
  var readsWhole = false
  var hasEnded = false
  var isReset = false
  var isReceiveShut = false
  var isSendShut = false
  /// More than one only where a planted bug left an operation behind.
  var receiving: [Waiting] = []
  var sending: Waiting?
  /// Of a listener: connections that are not accepted yet.
  var backlog: [Int32] = []

  var room: Int { max(0, windowBytes - inbox.count - underWay) }
}

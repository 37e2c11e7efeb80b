import IO

/// One end of a simulated connection, or a listener.
struct VirtualSocket {
  struct Waiting {
    var operation: Operation
    var token: UInt64
    var driver: SimulatedDriver
  }

  var peer: Int32?
  /// Bytes that have arrived and have not been read.
  var inbox = Inbox()
  /// Bytes on their way here; with the inbox they are what a sender has outstanding.
  var underWay = 0
  /// Bytes arrive in order: no delivery comes before this time.
  var lastArrival: UInt64 = 0
  var windowBytes: Int
  var readsWhole = false
  var hasEnded = false
  var isReset = false
  var isReceiveShut = false
  var isSendShut = false
  /// More than one only if a planted bug left an operation behind.
  var receiving: [Waiting] = []
  var sending: Waiting?
  /// Of a listener: connections that are not accepted yet.
  var backlog: [Int32] = []

  var room: Int { max(0, windowBytes - inbox.count - underWay) }
}

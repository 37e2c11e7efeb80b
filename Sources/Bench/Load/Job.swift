/// One operation on its way through a connection.
struct Job {
  var operation: Operation
  /// The EXIST that stands in for the answers that PUTs of `lm` do not get; counted nowhere.
  var isConfirmation = false
  var key: Int
  /// From when its latency counts: when it was sent, or when it should have been.
  var due: UInt64
  var shape = 0
  var headOffset = 0
  var headBytes = 0

  init(_ operation: Operation, key: Int, due: UInt64) {
    self.operation = operation
    self.key = key
    self.due = due
  }
}

/// One operation on a connection.
struct Job {
  var operation: Operation
  /// What is asked behind PUTs of `lm`, which have no reply. Counted nowhere.
  var isConfirmation = false
  var key: Int
  /// The start of its latency: when it was sent, or when it was due.
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

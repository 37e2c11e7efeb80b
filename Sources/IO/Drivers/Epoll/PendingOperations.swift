/// What waits on one descriptor until it becomes readable or writable.
struct PendingOperations {
  struct Waiting {
    var operation: Operation
    var token: UInt64
  }

  var reading: Waiting?
  var writing: Waiting?
  var isWatched = false
}

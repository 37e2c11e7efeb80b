import Synchronization

extension Mutex where Value: ~Copyable {
  /// For values whose parts are all plain numbers and owned memory: the compiler cannot see that nothing of the
  /// state escapes through raw pointers, so the one who calls answers for it.
  @inline(__always)
  func withLockUnchecked<Result>(_ body: (inout Value) -> Result) -> Result {
    withLock { (value: inout sending Value) -> sending Result in
      nonisolated(unsafe) let result = body(&value)
      return result
    }
  }
}

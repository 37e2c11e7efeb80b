/// Errors made on purpose, so that the tests can prove that they would notice them. Each place that may go wrong on purpose
/// asks here first; in a release build the answer is a constant, and what hangs on it is compiled away.
package enum PlantedFaults {
  @inlinable @inline(__always)
  package static var arePossible: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }
}

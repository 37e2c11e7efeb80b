/// An open file of a device's directory.
package struct DeviceFile: Sendable, Equatable {
  package var descriptor: Int32
  package var byteCount: Int
  /// Reads and writes pass the page cache by; offsets, lengths and memory are multiples of `directAlignmentBytes`.
  package var isDirect: Bool

  package init(descriptor: Int32, byteCount: Int, isDirect: Bool) {
    self.descriptor = descriptor
    self.byteCount = byteCount
    self.isDirect = isDirect
  }
}

import Base

/// The bytes under an object's metadata name, in one piece: copied under the lock, to be sent at leisure.
package struct MetadataBytes: Sendable {
  package let count: Int
  private var storage = InlineArray<648, UInt8>(repeating: 0)

  /// `fill` is given room for exactly `count` bytes.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    precondition(count <= storage.count && storage.count == Limits.metadataBytesMax)
    self.count = count
    var span = storage.mutableSpan
    span.withUnsafeMutableBytes { fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<count])) }
  }

  package func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    body(storage.span.bytes.extracting(0..<count))
  }
}

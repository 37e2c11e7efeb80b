import Base
import Wire

/// The bytes under an object's metadata name, in one piece: copied under the lock, to be sent at leisure.
package struct MetadataBytes: Sendable {
  package let count: Int
  private var storage = InlineArray<648, UInt8>(repeating: 0)

  /// `fill` writes what follows the first group: so many bytes.
  init(_ meta: ObjectMeta, statedLength: Int32, rest: Int, fill: (UnsafeMutableRawBufferPointer) -> Void) {
    precondition(storage.count == ObjectMeta.byteCountMax)
    count = ObjectMeta.firstGroupEnd + rest
    precondition(count <= storage.count)
    var span = storage.mutableSpan
    span.withUnsafeMutableBytes { room in
      let first = UnsafeMutableRawBufferPointer(rebasing: room[..<ObjectMeta.firstGroupEnd])
      var output = OutputRawSpan(buffer: first, initializedCount: 0)
      meta.encode(statedLength: statedLength, into: &output)
      _ = output.finalize(for: first)
      fill(UnsafeMutableRawBufferPointer(rebasing: room[ObjectMeta.firstGroupEnd..<ObjectMeta.firstGroupEnd + rest]))
    }
  }

  package func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    body(storage.span.bytes.extracting(0..<count))
  }
}

import Base

/// The bytes under an object's metadata name, in one piece: copied under the lock, to be sent at leisure.
package struct MetadataBytes: Sendable {
  package private(set) var count = 0
  private var storage = InlineArray<648, UInt8>(repeating: 0)

  init() {}

  package func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    body(storage.span.bytes.extracting(0..<count))
  }
}

import Base

/// What the values of one kind have in common: their length, how `lm` describes them, and what their keys say
/// around the hash.
struct ValueShape: Sendable {
  let bytes: Int
  let meta: ObjectMeta
  let keyHead: String
  let keyTail: String

  /// Bytes that mean nothing to anyone but their owner; the shape is their length. The key is still an engine's.
  static func plain(bytes: Int) -> ValueShape {
    ValueShape(
      bytes: bytes, meta: ObjectMeta(format: 5, type: 0, shape: (Int32(bytes), 0, 0, 0)), keyHead: "bench@1@0@",
      keyTail: "@bfloat16")
  }
}

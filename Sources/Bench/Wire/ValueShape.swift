import Base

/// The common properties of values of one kind: their length, how `lm` describes them, and the parts of their keys
/// around the hash.
struct ValueShape: Sendable {
  let bytes: Int
  let meta: ObjectMeta
  let keyHead: String
  let keyTail: String

  /// Raw bytes: the shape is their length. The key has an engine's form.
  static func plain(bytes: Int) -> ValueShape {
    ValueShape(
      bytes: bytes, meta: ObjectMeta(format: 5, type: 0, shape: (Int32(bytes), 0, 0, 0)), keyHead: "bench@1@0@",
      keyTail: "@bfloat16")
  }
}

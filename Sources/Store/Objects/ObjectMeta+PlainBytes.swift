import Base

extension ObjectMeta {
  /// What the tensor takes that this describes; nil where the bytes are the client's own encoding or the shape is none.
  package var plainBytes: Int? { isPlainFormat ? Self.tensorBytes(type: type, shape: shape) : nil }
}

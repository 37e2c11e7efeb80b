import Base

/// Which bytes mean the same without their metadata: those of a tensor, element after element. Only these may be read
/// under the bare key, by clients that know shape and type from elsewhere.
extension ObjectMeta {
  /// Whether `length` bytes of one group are the elements of the tensor and nothing else.
  func describesPlain(length: Int) -> Bool { isPlainFormat && Self.tensorBytes(type: type, shape: shape) == length }

  /// The same for whole metadata, of one group or several: their tensors follow each other.
  static func describePlain(_ metadata: UnsafeRawBufferPointer) -> Bool {
    guard let groups = groupCount(inBytes: metadata.count) else { return false }
    let (statedLength, first) = decode(metadata)
    guard first.isPlainFormat else { return false }
    var total = 0
    for group in 0..<groups {
      // A group reads like a head with one group that begins two integers earlier.
      let fields = UnsafeRawBufferPointer(rebasing: metadata[group * groupBytes..<firstGroupEnd + group * groupBytes])
      let meta = decode(fields).meta
      // No tensor of a group may be longer than a value, so that the sum cannot overflow.
      guard let bytes = tensorBytes(type: meta.type, shape: meta.shape), bytes <= Limits.valueBytesMax else {
        return false
      }
      total += bytes
    }
    return total == Int(statedLength)
  }

  /// The others' bytes are the client's own encoding: undefined, binary, binary buffer.
  var isPlainFormat: Bool { format != 0 && format != 4 && format != 5 }

  /// The size of a tensor; nil when the type is none we know, or the shape none at all.
  static func tensorBytes(type: Int32, shape: (Int32, Int32, Int32, Int32)) -> Int? {
    guard let elementBytes = elementBytes(type) else { return nil }
    let sizes: InlineArray<4, Int32> = [shape.0, shape.1, shape.2, shape.3]
    // Shapes of fewer dimensions end in zeros.
    var dimensions = 4
    while dimensions > 0, sizes[dimensions - 1] == 0 { dimensions -= 1 }
    guard dimensions > 0 else { return nil }
    var bytes = elementBytes
    for index in 0..<dimensions {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: Int(sizes[index]))
      guard sizes[index] > 0, !overflows else { return nil }
      bytes = product
    }
    return bytes
  }

  private static func elementBytes(_ type: Int32) -> Int? {
    switch type {
    case 1, 2, 3: 2
    case 4: 4
    case 5: 8
    case 6, 7, 8: 1
    default: nil
    }
  }
}

import Base

/// The value under an object's metadata name: little-endian 32-bit integers, the length of the object's bytes, its
/// format, then for every KV group its type and its shape. They are the numbers of an `lm` header.
extension ObjectMeta {
  package static let headBytes = 8
  package static let groupBytes = 20
  /// The first group says what `lm` says.
  package static let firstGroupEnd = headBytes + groupBytes
  /// More KV groups than any hybrid model has. Metadata of more is no metadata.
  package static let groupsMax = 32
  package static let byteCountMax = headBytes + groupBytes * groupsMax

  /// How many groups a value of this length describes; nil when it can be no metadata.
  package static func groupCount(inBytes byteCount: Int) -> Int? {
    let (count, rest) = (byteCount - headBytes).quotientAndRemainder(dividingBy: groupBytes)
    return rest == 0 && (1...groupsMax).contains(count) ? count : nil
  }

  package static func byteCount(groups: Int) -> Int { headBytes + groups * groupBytes }

  /// Reads the first group, and the length that the object's bytes should have.
  package static func decode(_ bytes: RawSpan) -> (statedLength: Int32, meta: ObjectMeta) {
    (bytes.int32(at: 0), group(0, of: bytes))
  }

  private static func group(_ number: Int, of bytes: RawSpan) -> ObjectMeta {
    let start = headBytes + number * groupBytes
    return ObjectMeta(
      format: bytes.int32(at: 4), type: bytes.int32(at: start),
      shape: (
        bytes.int32(at: start + 4), bytes.int32(at: start + 8), bytes.int32(at: start + 12), bytes.int32(at: start + 16)
      ))
  }

  /// Appends head and first group.
  package func encode(statedLength: Int32, into output: inout OutputRawSpan) {
    output.append(littleEndian: statedLength)
    output.append(littleEndian: format)
    output.append(littleEndian: type)
    output.append(littleEndian: shape.0)
    output.append(littleEndian: shape.1)
    output.append(littleEndian: shape.2)
    output.append(littleEndian: shape.3)
  }
}

/// Which bytes mean the same without their metadata: those of a tensor, element after element. Only these may be read
/// under the bare key, by clients that know shape and type from elsewhere.
extension ObjectMeta {
  /// Whether `length` bytes of one group are the elements of the tensor and nothing else.
  package func describesPlain(length: Int) -> Bool { plainBytes == length }

  /// What the tensor takes that this describes; nil where the bytes are the client's own encoding or the shape is none.
  package var plainBytes: Int? { isPlainFormat ? tensorBytes : nil }

  /// The same for whole metadata, of one group or several: their tensors follow each other.
  package static func describePlain(_ metadata: RawSpan) -> Bool {
    guard let groups = groupCount(inBytes: metadata.byteCount) else { return false }
    var (total, number) = (0, 0)
    while number < groups {
      // No tensor of a group may be longer than a value, so that the sum cannot overflow.
      guard let bytes = group(number, of: metadata).plainBytes, bytes <= Limits.valueBytesMax else { return false }
      total += bytes
      number += 1
    }
    return total == Int(metadata.int32(at: 0))
  }

  /// The others' bytes are the client's own encoding: undefined, binary, binary buffer.
  private var isPlainFormat: Bool { format != 0 && format != 4 && format != 5 }

  /// The size of the tensor; nil when the type is none we know, or the shape none at all.
  private var tensorBytes: Int? {
    guard let elementBytes = Self.elementBytes(type) else { return nil }
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

/// Checked access to bytes and to the little-endian integers of the `lm` headers, at any alignment.
/// "Unsafe" in the names below is about types whose bits may be invalid; every pattern of an integer is valid,
/// and the bounds are checked in all builds.
extension RawSpan {
  func byte(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  func int32(at offset: Int) -> Int32 {
    Int32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self))
  }

  func word(at offset: Int) -> UInt64 {
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  /// The first place of `byte` in `range`.
  func firstOffset(of byte: UInt8, in range: Range<Int>) -> Int? {
    // Not a for loop: in a debug build each of its steps may allocate.
    var offset = range.lowerBound
    while offset < range.upperBound {
      if self.byte(at: offset) == byte { return offset }
      offset += 1
    }
    return nil
  }

  /// Whether `range` holds `text`, which is ASCII, letter for letter.
  func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
    matches(text, in: range, foldingCase: false)
  }

  /// Whether `range` holds `text`, which is lower-case ASCII, in any case.
  func holdsIgnoringCase(_ text: StaticString, in range: Range<Int>) -> Bool {
    matches(text, in: range, foldingCase: true)
  }

  private func matches(_ text: StaticString, in range: Range<Int>, foldingCase: Bool) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for (index, offset) in range.enumerated() {
      let given = byte(at: offset)
      let isUpper = given >= UInt8(ascii: "A") && given <= UInt8(ascii: "Z")
      let seen = foldingCase && isUpper ? given | 0x20 : given
      guard unsafe text.utf8Start[index] == seen else { return false }
    }
    return true
  }
}

extension OutputRawSpan {
  /// At any alignment.
  mutating func append(littleEndian value: Int32) {
    unsafe append(value.littleEndian, as: Int32.self)
  }
}

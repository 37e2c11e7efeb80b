/// A command's name or an option in any case, as one number: all of ours have at most eight letters.
struct RESPWord: Equatable, Sendable {
  let packed: UInt64

  init(_ text: Substring) {
    precondition(text.utf8.count <= 8, "a word fits its number")
    packed = Array(text.utf8).withUnsafeBytes { Self.pack($0) }
  }

  /// Nil: longer than any word of ours.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= 8 else { return nil }
    packed = Self.pack(bytes)
  }

  private static func pack(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var packed: UInt64 = 0
    var index = 0
    while index < bytes.count {
      packed = packed << 8 | UInt64(lowercase(bytes[index]))
      index += 1
    }
    return packed
  }

  static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

extension UnsafeRawBufferPointer {
  /// Whether these bytes are `word`, which is in lower case, in any case.
  func isWord(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    var index = 0
    while index < count {
      guard RESPWord.lowercase(self[index]) == word.utf8Start[index] else { return false }
      index += 1
    }
    return true
  }
}

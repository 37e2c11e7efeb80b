import COpenSSL

/// The SHA-256 of a password, which is all that is kept of it.
struct PasswordDigest: Sendable {
  private let bytes: SIMD32<UInt8>

  init(of password: UnsafeRawBufferPointer) {
    var bytes = SIMD32<UInt8>()
    withUnsafeMutableBytes(of: &bytes) { digest in
      let room = digest.baseAddress!.assumingMemoryBound(to: UInt8.self)
      _ = SHA256(password.baseAddress?.assumingMemoryBound(to: UInt8.self), password.count, room)
    }
    self.bytes = bytes
  }

  /// As files have it: 64 digits, small letters. Nil for anything else.
  init?(digits: some Collection<UInt8>) {
    guard digits.count == 64 else { return nil }
    var bytes = SIMD32<UInt8>()
    for (place, digit) in digits.enumerated() {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      bytes[place / 2] = bytes[place / 2] << 4 | value
    }
    self.bytes = bytes
  }

  /// Takes the same time wherever the two differ.
  func isSame(as other: PasswordDigest) -> Bool {
    var (left, right) = (bytes, other.bytes)
    return withUnsafeBytes(of: &left) { left in
      withUnsafeBytes(of: &right) { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
    }
  }
}

import Glibc

/// A numeric address, IPv4 and IPv6 alike: an IPv4 address is its IPv6-mapped form, so that one written either way is
/// the same.
package struct IPAddress: Equatable, Sendable {
  package let high: UInt64
  package let low: UInt64

  private static let mappedPrefix: UInt64 = 0xFFFF << 32

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package init(ipv4: UInt32) { self.init(high: 0, low: Self.mappedPrefix | UInt64(ipv4)) }

  /// Nil for a name, or for anything else that is no number. `localhost` is the one name that needs no looking up.
  package init?(_ text: String) {
    if text == "localhost" {
      self.init(ipv4: 0x7F00_0001)
      return
    }
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(ipv4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    self.init(six)
  }

  package init(_ six: in6_addr) {
    let words = withUnsafeBytes(of: six) { bytes in
      (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// "Any address" in either family: good for listening, not for being reached.
  package var isWildcard: Bool { high == 0 && (low == 0 || low == Self.mappedPrefix) }

  package var isLoopback: Bool { isIPv4 ? (low >> 24) & 0xFF == 127 : high == 0 && low == 1 }
}

/// A range of addresses, as in `10.0.0.0/8`.
package struct AddressBlock: Equatable, Sendable {
  let base: IPAddress
  /// Of 128: an IPv4 block counts the bits of its mapped form.
  let prefixBits: Int

  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let base = IPAddress(String(first)) else { return nil }
    let isFour = first.contains(".") && !first.contains(":")
    var bits = isFour ? 32 : 128
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
        given <= bits
      else { return nil }
      bits = given
    }
    self.base = base
    prefixBits = isFour ? 96 + bits : bits
  }

  package func contains(_ address: IPAddress) -> Bool {
    let highBits = min(prefixBits, 64)
    let lowBits = max(0, prefixBits - 64)
    return Self.isSame(base.high, address.high, bits: highBits) && Self.isSame(base.low, address.low, bits: lowBits)
  }

  private static func isSame(_ left: UInt64, _ right: UInt64, bits: Int) -> Bool {
    bits == 0 || (left ^ right) >> (64 - UInt64(bits)) == 0
  }
}

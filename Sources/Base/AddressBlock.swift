/// A range of addresses, as in `10.0.0.0/8`. An IPv6 block has no IPv4 address in it, unless it is written as a part of the
/// mapped ones.
package struct AddressBlock: Equatable, Sendable {
  let base: IPAddress
  /// Of 128: an IPv4 block counts the bits of its mapped form.
  let prefixBits: Int

  package init(_ base: IPAddress, prefixBits: Int) {
    precondition((0...128).contains(prefixBits))
    (self.base, self.prefixBits) = (base, prefixBits)
  }

  /// Bits of the address behind the prefix do not count. Only a number may have a prefix, and a prefix is one to three digits.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let base = IPAddress(String(first)) else { return nil }
    guard parts.count == 2 else {
      self.init(base, prefixBits: 128)
      return
    }
    let isFour = first.contains(".") && !first.contains(":")
    guard isFour || first.contains(":"), (1...3).contains(parts[1].utf8.count),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1]), bits <= (isFour ? 32 : 128)
    else { return nil }
    self.init(base, prefixBits: isFour ? 96 + bits : bits)
  }

  private var isIPv4: Bool { base.isIPv4 && prefixBits >= 96 }

  package func contains(_ address: IPAddress) -> Bool {
    guard isIPv4 == address.isIPv4 else { return false }
    let highBits = min(prefixBits, 64)
    let lowBits = max(0, prefixBits - 64)
    return Self.isSame(base.high, address.high, bits: highBits) && Self.isSame(base.low, address.low, bits: lowBits)
  }

  private static func isSame(_ left: UInt64, _ right: UInt64, bits: Int) -> Bool {
    bits == 0 || (left ^ right) >> (64 - UInt64(bits)) == 0
  }
}

import Testing

@testable import Base

struct AddressBlockTests {
  private static func block(_ text: String) throws -> AddressBlock { try #require(AddressBlock(text)) }
  private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  static let inside = [
    ("10.0.0.0/8", "10.255.255.255"), ("10.0.0.0/8", "::ffff:10.1.2.3"), ("10.9.9.9/8", "10.0.0.1"),
    ("0.0.0.0/0", "255.255.255.255"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1/32", "::ffff:7f00:1"),
    ("localhost", "127.0.0.1"), ("::/0", "::1"), ("::/0", "2001:db8::1"), ("fd00::/8", "fdff::1"),
    ("2001:db8::/33", "2001:db8:7fff::1"), ("::1", "::1"), ("::1/128", "::1"), ("2001:db8::/63", "2001:db8:0:1::1"),
    ("2001:db8::/65", "2001:db8::7fff:0:0:0"), ("::ffff:10.0.0.0/104", "10.3.2.1"),
  ]

  @Test(arguments: inside)
  func itContains(block: String, address: String) throws {
    #expect(try Self.block(block).contains(Self.address(address)))
  }

  static let outside = [
    ("10.0.0.0/8", "11.0.0.0"), ("10.0.0.0/8", "9.255.255.255"), ("10.0.0.0/8", "::a00:1"), ("127.0.0.1", "127.0.0.2"),
    ("0.0.0.0/0", "::1"), ("::/0", "10.0.0.1"), ("::/0", "::ffff:10.0.0.1"), ("::/80", "10.0.0.1"),
    ("fd00::/8", "fc00::1"), ("2001:db8::/33", "2001:db8:8000::1"), ("::1", "::2"),
    ("2001:db8::/63", "2001:db8:0:2::1"), ("2001:db8::/65", "2001:db8::8000:0:0:0"), ("localhost", "::1"),
  ]

  @Test(arguments: outside)
  func itDoesNotContain(block: String, address: String) throws {
    #expect(try !Self.block(block).contains(Self.address(address)))
  }

  static let wrong = [
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0/8",
    "10.0.0.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1 ", " 10.0.0.1", "host/8", "localhost/8", "localhost/128",
    "::/129", "::/0x1", "::/0128", "[::]/0", ":::/0", "fe80::1%lo/64", "10.0.0.0/٨", "10.0.0.0/8\0",
    "10.0.0.0/99999999999999999999",
  ]

  @Test(arguments: wrong)
  func itIsNoBlock(text: String) { #expect(AddressBlock(text) == nil) }

  /// Whether an address lies in a block depends on nothing but the bits before the prefix's end, all of them.
  @Test func onlyTheBitsOfThePrefixCount() {
    var random = SplitMix64(seed: 15)
    for _ in 0..<20_000 {
      let isFour = random.next() & 1 == 0
      let base = Self.address(&random, isFour)
      let bits = Int(random.next() % (isFour ? 33 : 129))
      let text = "\(base.text)/\(bits)"
      let known = isFour ? 96 + bits : bits
      guard let block = AddressBlock(text) else {
        Issue.record("\(text) is a block")
        return
      }
      let place = Int(random.next() % 128)
      let other = Self.flipping(place, of: base)
      guard other.isIPv4 == isFour else { continue }
      #expect(block.contains(base), "\(text) holds its base")
      #expect(block.contains(other) == (place >= known), "\(text) and \(other.text), which differs in bit \(place)")
    }
  }

  @Test func anAddressIsReadBackAsItWasWritten() {
    var random = SplitMix64(seed: 16)
    for _ in 0..<5_000 {
      let address = Self.address(&random, random.next() & 1 == 0)
      #expect(IPAddress(address.text) == address, "\(address.text)")
    }
    #expect(IPAddress("::ffff:10.0.0.1")?.text == "10.0.0.1")
  }

  private static func address(_ random: inout SplitMix64, _ isFour: Bool) -> IPAddress {
    if isFour { return IPAddress(ipv4: UInt32(truncatingIfNeeded: random.next())) }
    // The highest bit keeps it out of the mapped ones.
    return IPAddress(high: random.next() | 1 << 63, low: random.next())
  }

  private static func flipping(_ place: Int, of address: IPAddress) -> IPAddress {
    place < 64
      ? IPAddress(high: address.high ^ 1 << (63 - UInt64(place)), low: address.low)
      : IPAddress(high: address.high, low: address.low ^ 1 << (127 - UInt64(place)))
  }
}

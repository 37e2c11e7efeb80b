import Base
import Testing

@testable import Server

struct SharingTests {
  @Test func onlyTheNamedClientAndAllowedBlocksAreVouchedFor() throws {
    var sharing = Sharing()
    let client = IPAddress("10.0.0.7")
    #expect(sharing.vouches(for: HostAndPort(host: "10.0.0.7", port: 8200), namedBy: client))
    #expect(sharing.vouches(for: HostAndPort(host: "::ffff:10.0.0.7", port: 8200), namedBy: client))
    #expect(!sharing.vouches(for: HostAndPort(host: "10.0.0.8", port: 8200), namedBy: client))
    #expect(!sharing.vouches(for: HostAndPort(host: "engine-7", port: 8200), namedBy: client))
    #expect(!sharing.vouches(for: HostAndPort(host: "10.0.0.7", port: 0), namedBy: client))
    #expect(sharing.vouches(for: HostAndPort(host: "localhost", port: 1), namedBy: IPAddress("127.0.0.1")))
    sharing.checkAllowed = [try #require(AddressBlock("10.0.0.8/29")), try #require(AddressBlock("2001:db8::/32"))]
    #expect(sharing.vouches(for: HostAndPort(host: "10.0.0.15", port: 1), namedBy: nil))
    #expect(!sharing.vouches(for: HostAndPort(host: "10.0.0.16", port: 1), namedBy: nil))
    #expect(sharing.vouches(for: HostAndPort(host: "2001:db8:9::1", port: 1), namedBy: nil))
    #expect(!sharing.vouches(for: HostAndPort(host: "2001:db9::1", port: 1), namedBy: nil))
    #expect(AddressBlock("10.0.0.0/33") == nil)
    #expect(AddressBlock("10.0.0.0/") == nil)
    #expect(AddressBlock("host/8") == nil)
  }
}

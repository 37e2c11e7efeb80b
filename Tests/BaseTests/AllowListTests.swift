import Testing

@testable import Base

struct AllowListTests {
  private static func list(_ blocks: (Door?, String)...) throws -> AllowList {
    var list = AllowList()
    for (door, text) in blocks { list.add(try #require(AddressBlock(text)), at: door) }
    return list
  }

  private static let near = IPAddress(ipv4: 0x0A01_0203)
  private static let far = IPAddress(ipv4: 0xC0A8_0001)

  @Test func anEmptyOneAllowsEverybodyEverywhere() {
    for door in Door.allCases {
      #expect(AllowList().allows(Self.far, at: door))
      #expect(!AllowList().isLimited(at: door))
    }
  }

  @Test func blocksWithoutADoorAreForClients() throws {
    let list = try Self.list((nil, "10.0.0.0/8"), (nil, "fd00::/8"))
    for door in [Door.data, .lm, .lookup, .peer] {
      #expect(list.allows(Self.near, at: door) && !list.allows(Self.far, at: door))
      #expect(list.isLimited(at: door))
    }
    #expect(list.allows(Self.far, at: .admin), "who administers is not a client")
  }

  @Test func aDoorsOwnBlocksTakeThePlaceOfTheOthers() throws {
    let list = try Self.list((nil, "10.0.0.0/8"), (.lookup, "192.168.0.0/16"), (.admin, "192.168.0.1"))
    #expect(list.allows(Self.near, at: .data) && !list.allows(Self.far, at: .data))
    #expect(!list.allows(Self.near, at: .lookup) && list.allows(Self.far, at: .lookup))
    #expect(!list.allows(Self.near, at: .admin) && list.allows(Self.far, at: .admin))
    let own = try Self.list((.lm, "10.0.0.0/8"))
    #expect(own.allows(Self.far, at: .data) && !own.allows(Self.far, at: .lm))
  }
}

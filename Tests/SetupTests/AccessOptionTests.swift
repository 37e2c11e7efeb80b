import Base
import Foundation
import Testing

@testable import Setup

struct AccessOptionTests {
  private static func access(_ arguments: String...) throws -> AccessOptions {
    try OptionTests.options(arguments).access
  }

  private static func complaint(_ arguments: String...) -> String {
    let failure = #expect(throws: OptionFailure.self) { try OptionTests.options(arguments) }
    return failure?.message ?? ""
  }

  @Test func nothingIsLimitedUnlessAskedFor() throws {
    #expect(try Self.access() == AccessOptions())
    #expect(try Self.access("--lm", "on", "--max-connections-per-address", "off") == AccessOptions())
    #expect(try Self.access("--max-in-flight-per-address=off") == AccessOptions())
  }

  @Test func aListIsOfDoorsAndBlocks() throws {
    let given = try Self.access("--allow", "10.0.0.0/8", "--allow", "lm=10.1.0.0/16,admin=127.0.0.1").allowed
    var list = AllowList()
    list.add(try #require(AddressBlock("10.0.0.0/8")))
    list.add(try #require(AddressBlock("10.1.0.0/16")), at: .lm)
    list.add(try #require(AddressBlock("127.0.0.1")), at: .admin)
    #expect(given == list)
  }

  @Test func lmIsOnOffOrElsewhere() throws {
    #expect(try Self.access("--lm", "off").lm == .off)
    #expect(try Self.access("--lm", "[::1]:80").lm == .at(HostAndPort(host: "::1", port: 80)))
    #expect(Self.complaint("--lm", "80").hasPrefix("--lm '80' is not HOST:PORT; for example: --lm 10.1.2.3:65433"))
  }

  @Test func administrationStaysOnThisHostUnlessToldOtherwise() throws {
    #expect(try Self.access("--admin", ":80").admin == HostAndPort(host: "127.0.0.1", port: 80))
    let everywhere = try Self.access("--admin", "0.0.0.0:80", "--admin-token-file", "/x")
    #expect(everywhere.admin == HostAndPort(host: "0.0.0.0", port: 80) && !everywhere.isAdminOnLoopback)
    for host in ["127.0.0.1", "127.8.9.1", "localhost", "[::1]", ""] {
      #expect(try Self.access("--admin", "\(host):80").isAdminOnLoopback)
    }
    for host in ["0.0.0.0", "[::]", "*", "10.0.0.1", "cache", "[::ffff:10.0.0.1]", "127.0.0.1.example"] {
      #expect(Self.complaint("--admin", "\(host):80").contains("from elsewhere, so it needs --admin-token-file;"))
    }
    #expect(Self.complaint("--admin-token-file", "/x").hasPrefix("--admin-token-file needs --admin"))
  }

  @Test func soItDoesByTLS() throws {
    let files = ["--tls-cert", "/c", "--tls-key", "/k"]
    let own = try OptionTests.options(["--tls-admin", ":80"] + files)
    #expect(
      own.tls.admin == HostAndPort(host: "127.0.0.1", port: 80) && own.tls.hasDoors && own.access.isAdminOnLoopback)
    let everywhere = ["--tls-admin", "0.0.0.0:80"] + files
    #expect(try OptionTests.options(everywhere + ["--admin-token-file", "/x"]).tls.admin?.host == "0.0.0.0")
    #expect(throws: OptionFailure.self) { try OptionTests.options(["--admin", ":81"] + everywhere) }
    #expect(Self.complaint("--tls-admin", "0.0.0.0:80").contains("from elsewhere, so it needs --admin-token-file;"))
    #expect(Self.complaint("--tls-admin", ":80").hasPrefix("--tls-admin needs --tls-cert"))
  }

  @Test func mistakesAreNamed() {
    #expect(Self.complaint("--allow", "10.0.0.0/33").contains("'10.0.0.0/33', which is no address and no block"))
    #expect(Self.complaint("--allow", "").contains("which is no address"))
    #expect(Self.complaint("--allow", "10.0.0.1,").contains("has '', which is no address"))
    #expect(Self.complaint("--allow", "cache").contains("'cache', which is no address"))
    #expect(Self.complaint("--allow", "localhost/8").contains("'localhost/8', which is no address"))
    #expect(Self.complaint("--allow", "peers=10.0.0.1").contains("is none of data|lm|lookup|peer|admin"))
    #expect(Self.complaint("--allow", "lm=").contains("'lm=', which is no address"))
    let many = Array(repeating: "10.0.0.1", count: Limits.allowedBlocksMax + 1).joined(separator: ",")
    #expect(Self.complaint("--allow", many).contains("has more than 256 blocks"))
    #expect(Self.complaint("--max-connections-per-address", "0").contains("is not off or a number from 1"))
    #expect(Self.complaint("--max-in-flight-per-address", "0").contains("is not off and no size"))
  }
}

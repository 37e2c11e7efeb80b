import Foundation
import TLS
import Testing

/// Tenants who show a certificate instead of a password.
@Suite
struct UserCertificateTests {
  private static let users = """
    user engine on "subject:CN=team a,O=lmcache-server" ~a/* +@all
    user other on >other ~b/* +@all

    """

  private static let whoAmI = ["ACL", "WHOAMI"].map { Array($0.utf8) }

  private static func client(_ server: RunningServer, _ context: TLSContext) throws -> RESPPeer {
    let peer = try Peer(port: server.tlsPort())
    try peer.secure(by: Veil(context))
    return RESPPeer(peer: peer)
  }

  private static func started(_ driver: IODriver, _ certificates: Certificates, _ file: UserFile) throws
    -> RunningServer
  {
    let authority = ["--tls-ca", certificates.path("ca.crt"), "--tls-client-auth", "optional"]
    return try RunningServer(driver, ["--tls-port", "0", "--users", file.path] + authority + certificates.flags)
  }

  @Test(arguments: IODriver.available)
  func theSubjectOfACertificateIsAUser(driver: IODriver) throws {
    let certificates = try Certificates(["--client", "team a"])
    let file = try UserFile(Self.users)
    let server = try Self.started(driver, certificates, file)
    let engine = try Self.client(server, certificates.proof())
    #expect(try engine.ask("SET", "a/k", "1") == "+OK\r\n", "it has to say nothing first")
    #expect(try engine.ask(Self.whoAmI) == "$6\r\nengine\r\n")
    #expect(try engine.ask("GET", "b/k") == "-NOPERM No permissions to access a key\r\n")
    #expect(try engine.ask("HELLO", "3").hasPrefix("%7\r\n"))
    // It may say that it is somebody else; what it is by its certificate comes back.
    #expect(try engine.ask("AUTH", "other", "wrong").hasPrefix("-WRONGPASS"))
    #expect(try engine.ask("AUTH", "engine", "").hasPrefix("-WRONGPASS"), "there is no password")
    #expect(try engine.ask(Self.whoAmI) == "$6\r\nengine\r\n")
    #expect(try engine.ask("AUTH", "other", "other") == "+OK\r\n")
    #expect(try engine.ask(Self.whoAmI) == "$5\r\nother\r\n")
    #expect(try engine.ask("RESET") == "+RESET\r\n")
    #expect(try engine.ask(Self.whoAmI) == "$6\r\nengine\r\n")
    #expect(try engine.ask("GET", "a/k") == "$1\r\n1\r\n")
  }

  @Test(arguments: IODriver.available)
  func nobodyElseIs(driver: IODriver) throws {
    let certificates = try Certificates(["--client", "team ab"])
    let file = try UserFile(Self.users)
    let server = try Self.started(driver, certificates, file)
    let similar = try Self.client(server, certificates.proof())
    let silent = try Self.client(server, certificates.trust())
    let plain = try server.resp()
    for client in [similar, silent, plain] { #expect(try client.ask("GET", "a/k").hasPrefix("-NOAUTH")) }
    try certificates.make(["--client", "team a"])
    let engine = try Self.client(server, certificates.proof())
    #expect(try engine.ask("GET", "a/k") == "$-1\r\n")
    // Another certificate counts from now on, for those who are there already too.
    try file.write("user engine on \"subject:CN=team ab,O=lmcache-server\" ~a/* +@all\n")
    try server.hangUp(until: "users read again")
    #expect(try similar.ask("GET", "a/k") == "$-1\r\n")
    for client in [silent, plain] { #expect(try client.ask("GET", "a/k").hasPrefix("-NOAUTH")) }
    try #require(try engine.ask("GET", "a/k").hasPrefix("-NOAUTH the user of this connection"))
    #expect(try engine.rest().isEmpty)
  }
}

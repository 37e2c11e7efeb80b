import Base
import Testing

@testable import Setup
@testable import TLS

struct TLSOptionTests {
  static let refusals: [OptionRefusalTests.Refusal] = [
    .init(
      arguments: ["--tls-port", "7001"],
      message: "--tls-port needs --tls-cert; for example: --tls-cert /run/tls/tls.crt", exitCode: 2),
    .init(
      arguments: ["--tls-peer", ":7001", "--tls-cert", "/c"],
      message: "--tls-peer needs --tls-key; for example: --tls-key /run/tls/tls.key", exitCode: 2),
    .init(
      arguments: ["--tls-cert", "/c", "--tls-key", "/k"],
      message: "--tls-cert needs --tls-port, which it is about; for example: --tls-port 65433", exitCode: 2),
    .init(
      arguments: ["--tls-port", "1", "--tls-cert", "/c", "--tls-key", "/k", "--tls-client-auth", "optional"],
      message: "--tls-client-auth optional needs --tls-ca, whose certificates clients show;"
        + " for example: --tls-ca /run/tls/ca.crt", exitCode: 2),
    .init(
      arguments: ["--tls-port", "1", "--tls-cert", "/c", "--tls-key", "/k", "--tls-ca", "/a"],
      message: "--tls-ca is for clients' certificates, and nobody asks for them; add --tls-client-auth required",
      exitCode: 2),
    .init(
      arguments: ["--tls-port", "1", "--tls-cert", "/c", "--tls-key", "/k", "--tls-min-version", "1.1"],
      message: "--tls-min-version '1.1' is not one of 1.2|1.3; for example: --tls-min-version 1.3", exitCode: 2),
    .init(
      arguments: ["--lookup-ca", "/a", "--lookup-url", "redis://h"],
      message: "--lookup-ca needs --lookup-url rediss://..., which it is about", exitCode: 2),
    .init(
      arguments: ["--lookup-cert", "/c", "--lookup-key", "/k"],
      message: "--lookup-cert needs --lookup-url rediss://..., which it is about", exitCode: 2),
    .init(
      arguments: ["--lookup-url", "rediss://h", "--lookup-cert", "/c"],
      message: "--lookup-cert needs --lookup-key; for example: --lookup-key /run/tls/tls.key", exitCode: 2),
    .init(
      arguments: ["--lookup-url", "rediss://h", "--lookup-key", "/k"],
      message: "--lookup-key needs --lookup-cert; for example: --lookup-cert /run/tls/tls.crt", exitCode: 2),
    .init(
      arguments: ["--lookup-insecure-skip-verify"],
      message: "--lookup-insecure-skip-verify needs --lookup-url rediss://..., which it is about", exitCode: 2),
    .init(
      arguments: ["--lookup-url", "rediss://h", "--lookup-ca", "/a", "--lookup-insecure-skip-verify"],
      message: "--lookup-insecure-skip-verify trusts everybody, so --lookup-ca is of no use; drop one of them",
      exitCode: 2),
  ]

  @Test(arguments: refusals) func refusesInOneClearLine(_ refusal: OptionRefusalTests.Refusal) {
    #expect(throws: OptionFailure(message: refusal.message, exitCode: refusal.exitCode)) {
      try OptionTests.options(refusal.arguments)
    }
  }

  @Test func whatTheDoorsAreTold() throws {
    #expect(try !OptionTests.options([]).tls.hasDoors)
    let options = try OptionTests.options(["--tls-port", "0", "--tls-cert", "/c", "--tls-key", "/k"])
    #expect(options.tls.hasDoors)
    var settings = TLSSettings()
    (settings.certificate, settings.key) = ("/c", "/k")
    #expect(options.tls.settings == settings)
    #expect(settings.clients == .none && settings.version == .v1_2)
  }

  @Test func itsPortMayHaveAnAddressOfItsOwn() throws {
    let files = ["--tls-cert", "/c", "--tls-key", "/k"]
    let own = try OptionTests.options(["--host", "127.0.0.1", "--tls-port", "[::1]:7001"] + files)
    #expect(own.host == "127.0.0.1" && own.tls.data == HostAndPort(host: "::1", port: 7001))
    #expect(throws: OptionFailure.self) { try OptionTests.options(["--tls-port", "::1"] + files) }
  }

  @Test func aBadFileIsNamedAsItWasGiven() throws {
    let options = try OptionTests.options(
      ["--tls-port", "0", "--tls-cert", "/no/c"], ["LMCACHE_SERVER_TLS_KEY": "/no/k"])
    let certificate = TLSFileFailure(kind: .certificate, path: "/no/c", complaint: "cannot be read")
    #expect(options.failure(certificate).message == "--tls-cert '/no/c' cannot be read")
    let key = TLSFileFailure(kind: .key, path: "/no/k", complaint: "is encrypted")
    #expect(options.failure(key).message == "LMCACHE_SERVER_TLS_KEY '/no/k' is encrypted")
    let authorities = TLSFileFailure(kind: .authorities, path: "/a", complaint: "is empty")
    #expect(options.failure(authorities, ofLookup: true).message == "--lookup-ca '/a' is empty")
    #expect(options.failure(certificate, ofLookup: true).message == "--lookup-cert '/no/c' cannot be read")
    #expect(options.failure(key, ofLookup: true).message == "--lookup-key '/no/k' is encrypted")
  }
}

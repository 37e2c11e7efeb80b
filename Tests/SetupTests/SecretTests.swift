import Base
import Testing

@testable import Setup

/// What is secret is in no complaint, whatever it was typed for.
struct SecretTests {
  private static let urls = ["x://u:hunter2@h:1", "lm://hunter2@h:1", "u:hunter2@h:1", "/a,redis://u:hunter2@h:1/0"]

  @Test(arguments: urls) func aURLWithAPassword(url: String) {
    for flag in Flag.all {
      for given in [url, "\(url),\(url)"] {
        expectHidden([flag.name, given])
        expectHidden([], [flag.variable: given])
        expectHidden(["--config", "/etc/lmcache.yaml"], file: "server:\n  \(flag.fileName): \"\(given)\"\n")
      }
    }
    expectHidden([url])
    expectHidden([url, "80"])
    expectHidden(["0.0.0.0", url])
    expectHidden(["0.0.0.0", "80", url])
    for name in EngineName.names {
      expectHidden(["--config", "/etc/lmcache.yaml"], file: "server:\n  \(name): \"\(url)\"\n")
    }
  }

  /// Of files that cannot be read, as of values that cannot be.
  private func expectHidden(
    _ arguments: [String], _ environment: [String: String] = [:], file: String = "",
    _ location: SourceLocation = #_sourceLocation
  ) {
    do throws(any Error) {
      let command = try OptionParser.parse(
        arguments, environment: { environment[$0] },
        file: { (path) throws(OptionFailure) in
          path == "/etc/lmcache.yaml" ? Array(file.utf8) : try ConfigurationText.read(path)
        })
      guard case .serve(let options) = command else { return }
      #expect(!ConfigurationListing(options).text.contains("hunter2"), sourceLocation: location)
      _ = try PasswordFile.read(options)
      _ = try TokenFile.read(options)
      _ = try UsersFile(options)?.read()
      _ = try options.advertised(boundPort: 1)
    } catch {
      #expect(!"\(error)".contains("hunter2"), sourceLocation: location)
    }
  }

  @Test func aSecretWhereItsFileIsMeant() throws {
    let password = #expect(throws: OptionFailure.self) {
      try PasswordFile.read(OptionTests.options(["--requirepass", "hunter2"]))
    }
    let complaint = "takes the path of a file; what it was given, which is not shown,"
    let missing = "cannot be read: No such file or directory"
    #expect(
      password?.message == "--requirepass \(complaint) \(missing); for example: --requirepass /run/secrets/resp")
    let variable = try OptionTests.options(
      ["--admin", "127.0.0.1:1"], ["LMCACHE_SERVER_ADMIN_TOKEN_FILE": "hunter2/="])
    let token = #expect(throws: OptionFailure.self) { try TokenFile.read(variable) }
    #expect(token?.message.hasPrefix("LMCACHE_SERVER_ADMIN_TOKEN_FILE \(complaint) \(missing); for example: ") == true)
    var tool = ToolOptions()
    tool.passwordFile = "hunter2"
    let tools = #expect(throws: OptionFailure.self) { try tool.password() }
    #expect(tools?.message.hasPrefix("--password-file \(complaint) \(missing); for example: ") == true)
    // A mistyped path is shown, so that the mistake is.
    let path = try OptionTests.options(["--requirepass", "./hunter2"])
    let shown = #expect(throws: OptionFailure.self) { try PasswordFile.read(path) }
    #expect(shown?.message == "--requirepass './hunter2' \(missing)")
  }

  @Test func aListingDoesNotShowIt() throws {
    for flag in SecretFile.flags {
      let setting = Setting(flag: flag, origin: .flag, text: "hunter2")
      #expect(setting.shownText == "not shown")
    }
  }

  @Test func whatIsNoSecretIsShown() {
    for text in ["/srv/a:b@c", "10.0.0.1:80", "model=a@b", "a@b", "redis://h:1/0"] {
      #expect(Credentials.hidden(in: text) == text)
    }
    #expect(Credentials.hidden(in: "redis://u:p@s@h:1/0") == "redis://not-shown@h:1/0")
  }
}

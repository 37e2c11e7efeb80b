import Foundation
import Testing

/// The tools by TLS, and as users.
@Suite struct ToolAccessTests {
  private static let authority = ["--ca", Certificates.shared.path("ca.crt")]
  private static let identity = [
    "--certificate", Certificates.shared.path("client.crt"), "--key", Certificates.shared.path("client.key"),
  ]

  /// What each tool is asked of a server that holds `plain`.
  private static func errands(_ place: String) -> [[String]] {
    [["stats", place], ["top", place, "--interval", "0.1", "--count", "1"], ["ls", place], ["get", place, "plain"]]
  }

  @Test(arguments: IODriver.available)
  func eachToolSpeaksTLS(driver: IODriver) throws {
    let server = try RunningServer.secure(driver)
    #expect(try server.resp().ask("SET", "plain", "value") == "+OK\r\n")
    let place = try server.tlsPlace()
    for errand in Self.errands(place) {
      let run = try ToolRun(errand + ["--tls"] + Self.authority)
      #expect(run.end == .exited(0) && run.complaint.isEmpty && !run.output.isEmpty, "\(errand) \(run.complaint)")
      #expect(try ToolRun(errand + ["--tls", "--insecure-skip-verify"]).end == .exited(0))
      #expect(try ToolRun(errand + ["--tls"]).failed(3, "name its authority with --ca FILE"))
      #expect(try ToolRun(errand + ["--tls", "--ca", Certificates.others.path("ca.crt")]).end == .exited(3))
      #expect(try ToolRun(errand).end == .exited(3), "without TLS there is nothing to be heard")
    }
    #expect(try ToolRun(["rm", place, "plain", "--tls"] + Self.authority).output == "1 removed\n")
    let plain = try ToolRun(["stats", server.place, "--tls"] + Self.authority)
    #expect(plain.end == .exited(3) && plain.complaint.contains("--tls"), "\(plain.complaint)")
  }

  /// A name that the certificate has, by its address, and one that it has not.
  @Test(.enabled(if: LoopbackListener.hasIPv6, "this machine has no IPv6"))
  func theNameHasToBeThatOfTheCertificate() throws {
    let server = try RunningServer(.epoll, ["--tls-port", "0"] + Certificates.shared.flags, host: nil)
    let port = try server.tlsPort()
    let words = ["--tls"] + Self.authority
    #expect(try ToolRun(["stats", "[::1]:\(port)"] + words).end == .exited(0))
    #expect(try ToolRun(["stats", "localhost:\(port)"] + words).end == .exited(0))
    #expect(try ToolRun(["stats", "127.0.0.2:\(port)"] + words).failed(3, "its certificate is for another name"))
    #expect(try ToolRun(["stats", "[::1]:\(server.port)"]).end == .exited(0))
  }

  @Test func whereClientsShowCertificatesToolsDo() throws {
    let flags = ["--tls-ca", Certificates.shared.path("ca.crt"), "--tls-client-auth", "required"]
    let server = try RunningServer.secure(.epoll, flags)
    #expect(try server.resp().ask("SET", "plain", "value") == "+OK\r\n")
    let place = try server.tlsPlace()
    let words = ["--tls"] + Self.authority
    for errand in Self.errands(place) {
      #expect(try ToolRun(errand + words + Self.identity).end == .exited(0), "\(errand)")
      #expect(try ToolRun(errand + words).failed(3, "show one with --certificate and --key"))
    }
    let other = [
      "--certificate", Certificates.shared.path("client.crt"), "--key", Certificates.others.path("client.key"),
    ]
    let wrong = try ToolRun(["stats", place] + words + other)
    #expect(try wrong.failed(2, "is not the key of the first certificate"))
  }

  // MARK: The probe

  @Test(arguments: IODriver.available)
  func theProbeReachesAServerThatHasNothingButTLS(driver: IODriver) throws {
    let flags = ["--tls-ca", Certificates.shared.path("ca.crt"), "--tls-client-auth", "required"]
    let server = try RunningServer.secure(driver, flags)
    let probe = ["probe", "127.0.0.1", "\(try server.tlsPort())"]
    let words = ["--tls"] + Self.authority
    #expect(try ToolRun(probe + words + Self.identity).end == .exited(0))
    #expect(try ToolRun(probe + ["--tls", "--insecure-skip-verify"] + Self.identity).end == .exited(0))
    #expect(try ToolRun(probe + words).failed(1, "no answer"))
    #expect(try ToolRun(probe + ["--tls"] + Self.identity).failed(1, "no answer"))
    #expect(try ToolRun(probe).end == .exited(1))
    #expect(try server.stop() == .exited(0))
    #expect(try ToolRun(probe + words + Self.identity).failed(1, "nobody listens there"))
  }

  // MARK: Users

  private static let users = """
    user team-a on >alpha ~team-a/* +@all
    user reader on >gamma %R~team-a/* +@read

    """

  @Test(arguments: IODriver.available)
  func toolsAreWhomTheySay(driver: IODriver) throws {
    let (file, alpha, gamma) = (try UserFile(Self.users), try TokenFile("alpha\nmore\n"), try TokenFile("gamma"))
    let server = try RunningServer(driver, ["--users", file.path])
    let client = try server.resp()
    #expect(try client.ask("AUTH", "team-a", "alpha") == "+OK\r\n")
    #expect(try client.ask("SET", "team-a/k", "value") == "+OK\r\n")
    let teamA = ["--user", "team-a", "--password-file", alpha.path]
    let reader = ["--user", "reader", "--password-file", gamma.path]
    #expect(try ToolRun(["ls", server.place] + teamA).output == "team-a/k\n")
    #expect(try ToolRun(["get", server.place, "team-a/k"] + reader).output == "value")
    #expect(try ToolRun("ls", server.place).failed(3, "say who you are with --password-file FILE"))
    #expect(try ToolRun("get", server.place, "team-a/k").failed(3, "NOAUTH"))
    #expect(try ToolRun("rm", server.place, "team-a/k").failed(3, "NOAUTH"))
    #expect(try ToolRun(["get", server.place, "team-b/k"] + teamA).failed(3, "NOPERM"))
    #expect(try ToolRun(["rm", server.place, "team-a/k"] + reader).failed(3, "ask as another --user"))
    let wrong = try ToolRun("ls", server.place, "--user", "team-a", "--password-file", gamma.path)
    #expect(try wrong.failed(3, "WRONGPASS"))
    #expect(!wrong.complaint.contains("gamma"))
    #expect(try ToolRun(["rm", server.place, "team-a/k"] + teamA).output == "1 removed\n")
  }

  /// Without a name it is the default user, as in Redis.
  @Test func aPasswordAloneIsTheDefaultUsers() throws {
    let password = try TokenFile("open sesame\n")
    let server = try RunningServer(.epoll, ["--requirepass", password.path])
    #expect(try ToolRun("ls", server.place, "--password-file", password.path).end == .exited(0))
    #expect(try ToolRun("ls", server.place).failed(3, "NOAUTH"))
  }
}

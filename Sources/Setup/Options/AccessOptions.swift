import Base

/// Who may do what.
package struct AccessOptions: Equatable, Sendable {
  package var allowed = AllowList()
  package var lm = LMDoorWish.on
  /// For each address; nil is no limit.
  package var connectionsPerAddress: Int?
  package var inFlightBytesPerAddress: Int?
  /// Where what changes the server's state is asked for; nil is nowhere.
  package var admin: HostAndPort?
  package var adminTokenFile: String?

  package init() {}

  /// Whether only processes of this host reach it. What a name stands for may change.
  package var isAdminOnLoopback: Bool { admin.flatMap { IPAddress($0.host) }?.isLoopback == true }
}

/// Where `lm` is spoken, which has no credentials.
package enum LMDoorWish: Equatable, Sendable {
  /// On the port of everything else.
  case on
  case off
  /// On a port of its own, and not on the other.
  case at(HostAndPort)
}

extension ServerOptions {
  /// What others can reach asks for a token; this host's own processes may be let in without.
  func checkAccess() throws(OptionFailure) {
    if let admin = access.admin {
      guard !access.isAdminOnLoopback, access.adminTokenFile == nil else { return }
      throw needs(
        "\(name(of: .admin)) \(admin.text) can be reached from elsewhere, so it needs \(Flag.adminTokenFile.name)",
        .adminTokenFile)
    }
    guard access.adminTokenFile == nil else {
      throw needs("\(name(of: .adminTokenFile)) needs --admin, which it is about", .admin)
    }
  }

  private func needs(_ complaint: String, _ flag: Flag) -> OptionFailure {
    OptionFailure(
      message: "\(complaint); for example: \(flag.name) \(flag.example)", exitCode: ExitCode.flag)
  }
}

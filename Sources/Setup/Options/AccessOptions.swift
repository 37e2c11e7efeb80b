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

  package var isAdminOnLoopback: Bool { Self.isOnLoopback(admin) }

  /// Whether only processes of this host reach a door, or none does. What a name stands for may change.
  package static func isOnLoopback(_ door: HostAndPort?) -> Bool {
    door.map { IPAddress($0.host)?.isLoopback == true } ?? true
  }
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
    let doors: [(address: HostAndPort?, flag: Flag)] = [(access.admin, .admin), (tls.admin, .tlsAdmin)]
    guard access.adminTokenFile != nil else {
      for case (let address?, let flag) in doors where !AccessOptions.isOnLoopback(address) {
        throw needs(
          "\(name(of: flag)) \(address.text) can be reached from elsewhere, so it needs \(Flag.adminTokenFile.name)",
          .adminTokenFile)
      }
      return
    }
    guard doors.contains(where: { $0.address != nil }) else {
      throw needs("\(name(of: .adminTokenFile)) needs --admin, which it is about", .admin)
    }
  }

  private func needs(_ complaint: String, _ flag: Flag) -> OptionFailure {
    OptionFailure(
      message: "\(complaint); for example: \(flag.name) \(flag.example)", exitCode: ExitCode.flag)
  }
}

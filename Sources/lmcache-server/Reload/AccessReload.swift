import Base
import Server
import Setup

/// Who may connect, how much one address may hold, and the token of those who administer. Which doors there are needs a
/// restart.
struct AccessReload: Reloadable {
  let server: Server

  var flags: [Flag] { [.allow, .connectionsPerAddress, .inFlightPerAddress] }

  func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
    let server = server
    let rules = AccessSetup.rules(options)
    let token = server.admin == nil ? nil : try TokenFile.read(options)
    let name = options.name(of: .adminTokenFile)
    return { _ in
      server.access.replace(by: rules)
      guard let token, server.admin?.replace(token: token) == true else { return [] }
      return [ReloadNews(.info, "the token of the admin door changed", reason: name)]
    }
  }
}

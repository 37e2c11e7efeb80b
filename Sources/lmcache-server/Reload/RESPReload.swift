import Base
import Server
import Setup

/// What RESP clients may do, at SIGHUP: also other users and another password in the same files, as Kubernetes replaces
/// secrets.
struct RESPReload: Reloadable {
  let server: Server

  var flags: [Flag] { [.requirepass, .allowFlush, .users] }

  func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
    let server = server
    let wanted = try UserSetup.make(options)
    let passwordName = options.name(of: .requirepass)
    return { _ in
      let before = server.resp
      server.changeRESP(to: wanted.configuration)
      return wanted.news(since: before.users, passwordName: passwordName)
    }
  }
}

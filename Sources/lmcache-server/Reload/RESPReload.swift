import Base
import Server
import Setup

/// What RESP clients may do, at SIGHUP: also another password in the same file, as Kubernetes replaces secrets.
struct RESPReload: Reloadable {
  let server: Server

  var flags: [Flag] { [.requirepass, .allowFlush] }

  func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
    let server = server
    let wanted = RESPConfiguration(password: try PasswordFile.read(options), allowsFlush: options.allowsFlush)
    let name = options.name(of: .requirepass)
    return { _ in
      let before = server.resp
      server.changeRESP(to: wanted)
      if wanted.password == before.password { return [] }
      return [
        ReloadNews(
          .info, "the password of RESP clients changed", reason: "\(name); clients that have given the old one stay")
      ]
    }
  }
}

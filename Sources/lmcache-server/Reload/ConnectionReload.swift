import Base
import Server
import Setup

/// `--max-connections` at SIGHUP. Connections that are there stay; fewer new ones come in.
struct ConnectionReload: Reloadable {
  let server: Server
  /// What loops, store and open files were measured for at the start.
  let most: Int

  var flags: [Flag] { [.connectionsMax] }

  func prepare(_ options: ServerOptions) throws(OptionFailure) -> ReloadStep {
    let (server, most, wanted) = (server, most, options.connectionsMax)
    let name = options.name(of: .connectionsMax)
    return { _ in
      server.changeConnectionsMax(to: min(wanted, most))
      if wanted <= most { return [] }
      return [
        ReloadNews(
          .warning, "at most \(most) connections instead of \(wanted)",
          reason: "\(name): tables and open files were measured for \(most) at the start; a restart makes room")
      ]
    }
  }
}

import Base
import IO
import Server
import Setup
import TLS

/// Opens the doors of TLS, so that a wrong file is one line.
enum TLSSetup {
  /// Nil where no door is asked for.
  static func make(_ options: ServerOptions) throws(OptionFailure) -> TLSDoors? {
    guard options.tls.hasDoors else { return nil }
    var doors: TLSDoors
    do throws(TLSFileFailure) {
      doors = TLSDoors(try TLSIdentity(options.tls.settings))
    } catch {
      throw options.failure(error)
    }
    if let data = options.tls.data {
      let address = HostAndPort(host: host(of: data, options), port: data.port)
      doors.data = try listen(address, options.name(of: .tlsPort))
    }
    if let lookup = options.tls.lookup { doors.lookup = try listen(lookup, options.name(of: .tlsLookup)) }
    if let peer = options.tls.peer { doors.peer = try listen(peer, options.name(of: .tlsPeer)) }
    if let admin = options.tls.admin { doors.admin = try listen(admin, options.name(of: .tlsAdmin)) }
    return doors
  }

  /// Whom to believe at the registry elsewhere, and who this server is to it.
  static func trust(_ options: ServerOptions) throws(OptionFailure) -> TLSIdentity {
    do throws(TLSFileFailure) {
      return try TLSIdentity.client(options.tls.lookupSettings, verifies: !options.tls.lookupSkipsVerification)
    } catch {
      throw options.failure(error, ofLookup: true)
    }
  }

  static func announce(_ doors: TLSDoors, _ options: ServerOptions, _ log: Log) {
    let hosts = [
      ("tls", doors.data, options.tls.data.map { host(of: $0, options) }),
      ("tls lookup registry", doors.lookup, options.tls.lookup?.host),
      ("tls peer", doors.peer, options.tls.peer?.host),
      ("tls admin", doors.admin, options.tls.admin?.host),
    ]
    for (name, listener, host) in hosts {
      guard let listener else { continue }
      log.info(
        "\(name) listening",
        [
          "host": .text((host ?? "").isEmpty ? "*" : host ?? ""),
          "port": .number(Int(ListeningSocket.port(of: listener))),
          "client_certificates": .text(options.tls.settings.clients.rawValue),
          "min_version": .text(options.tls.settings.version.rawValue),
        ])
    }
  }

  private static func host(of data: HostAndPort, _ options: ServerOptions) -> String {
    data.host.isEmpty ? options.host : data.host
  }

  private static func listen(_ address: HostAndPort, _ name: String) throws(OptionFailure) -> Int32 {
    do {
      return try ListeningSocket.open(host: address.host, port: address.port)
    } catch {
      throw OptionFailure(message: "\(name): \(error)", exitCode: ExitCode.flag)
    }
  }
}

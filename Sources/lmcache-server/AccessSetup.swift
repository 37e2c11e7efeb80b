import Base
import IO
import Server
import Setup

/// Who may do what, from the options.
enum AccessSetup {
  static func rules(_ options: ServerOptions) -> AccessRules {
    var rules = AccessRules()
    rules.allowed = options.access.allowed
    rules.opensLM = options.access.lm == .on
    rules.connectionsPerAddress = options.access.connectionsPerAddress
    rules.inFlightBytesPerAddress = options.access.inFlightBytesPerAddress
    return rules
  }

  static func lmListener(_ options: ServerOptions) throws(OptionFailure) -> Int32? {
    guard case .at(let address) = options.access.lm else { return nil }
    return try listen(address, options.name(of: .lm))
  }

  static func admin(_ options: ServerOptions) throws(OptionFailure) -> AdminDoor? {
    guard options.access.admin != nil || options.tls.admin != nil else { return nil }
    let token = try TokenFile.read(options)
    var listener: Int32?
    if let address = options.access.admin { listener = try listen(address, options.name(of: .admin)) }
    return AdminDoor(
      listener: listener, isLoopback: options.access.isAdminOnLoopback,
      isLoopbackByTLS: AccessOptions.isOnLoopback(options.tls.admin), token: token)
  }

  static func announce(_ options: ServerOptions, lmListener: Int32?, _ admin: AdminDoor?, _ log: Log) {
    if let listener = admin?.listener, let address = options.access.admin {
      log.info("admin listening", place(of: listener, address))
      if !options.access.isAdminOnLoopback {
        log.warning("admin is not encrypted, and can be reached from elsewhere: who listens on the way has its token")
      }
    }
    if admin != nil, options.access.adminTokenFile == nil {
      log.info("admin asks for no token: this host's processes may use it")
    }
    if let lmListener, case .at(let address) = options.access.lm {
      log.info("lm listening", place(of: lmListener, address))
    } else if options.access.lm == .off {
      log.info("lm is off")
    }
    let allowed = options.access.allowed
    if Door.allCases.contains(where: allowed.isLimited) {
      log.info("addresses are limited", ["blocks": .number(allowed.count)])
    }
    if !allowed.allows(IPAddress(ipv4: 0x7F00_0001), at: .data) {
      log.warning("a probe from this host is refused: 127.0.0.1 is in no block of \(options.name(of: .allow))")
    }
  }

  static func place(of listener: Int32, _ address: HostAndPort) -> KeyValuePairs<String, LogValue> {
    [
      "host": .text(address.host.isEmpty ? "*" : address.host),
      "port": .number(Int(ListeningSocket.port(of: listener))),
    ]
  }

  static func listen(_ address: HostAndPort, _ name: String) throws(OptionFailure) -> Int32 {
    do {
      return try ListeningSocket.open(host: address.host, port: address.port)
    } catch {
      throw OptionFailure(message: "\(name): \(error)", exitCode: ExitCode.flag)
    }
  }
}

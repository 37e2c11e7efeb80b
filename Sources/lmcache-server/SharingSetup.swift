import Base
import IO
import Registry
import Server
import Setup
import Wire

/// Opens what the sharing with engines up to 0.3.6 needs, so that a wrong option is one line.
enum SharingSetup {
  static func make(_ options: ServerOptions) throws(OptionFailure) -> Sharing {
    var sharing = Sharing()
    if options.lookup != nil || options.tls.lookup != nil { sharing.registry = try registry(options) }
    if let lookup = options.lookup {
      sharing.lookupListener = try listen(lookup, options.name(of: .lookup))
    }
    sharing.checkNanoseconds = options.peerCheckSeconds.map { UInt64($0) * 1_000_000_000 }
    sharing.checkAllowed = options.peerAllow
    if let peer = options.peer { sharing.peerListener = try listen(peer, options.name(of: .peer)) }
    let port = sharing.peerListener.map { ListeningSocket.port(of: $0) } ?? 0
    if let advertised = try options.advertised(boundPort: port) { sharing.advertised = Array(advertised.text.utf8) }
    sharing.lookupURL = options.lookupURL
    if options.lookupURL?.isSecure == true { sharing.lookupTrust = try TLSSetup.trust(options) }
    return sharing
  }

  static func announce(_ sharing: Sharing, _ options: ServerOptions, _ log: Log) {
    if let listener = sharing.lookupListener, let lookup = options.lookup {
      log.info(
        "lookup registry listening",
        [
          "host": .text(lookup.host.isEmpty ? "*" : lookup.host),
          "port": .number(Int(ListeningSocket.port(of: listener))),
          "memory": .text(ByteSize.text(options.registryBytes)),
          "check": .text(options.peerCheckSeconds.map { "every \($0) s" } ?? "off"),
        ])
    }
    if options.tls.lookupSkipsVerification {
      log.warning("the registry of --lookup-url is believed whoever it is; give --lookup-ca instead")
    }
    if let listener = sharing.peerListener, let peer = options.peer {
      log.info(
        "peer listening",
        [
          "host": .text(peer.host.isEmpty ? "*" : peer.host), "port": .number(Int(ListeningSocket.port(of: listener))),
          "advertised": .bytes(sharing.advertised),
        ])
    }
  }

  private static func registry(_ options: ServerOptions) throws(OptionFailure) -> Registry {
    do {
      return try Registry(budgetBytes: options.registryBytes, hashSeed: UInt64.random(in: 0...UInt64.max))
    } catch {
      throw OptionFailure(message: "\(options.name(of: .registryMemory)): \(error)", exitCode: ExitCode.flag)
    }
  }

  private static func listen(_ address: HostAndPort, _ name: String) throws(OptionFailure) -> Int32 {
    do {
      return try ListeningSocket.open(host: address.host, port: address.port)
    } catch {
      throw OptionFailure(message: "\(name): \(error)", exitCode: ExitCode.flag)
    }
  }
}

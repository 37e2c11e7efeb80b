import Base
import IO
import Store
import Wire

/// Everything the server can be told. What is nil is worked out at start from what this process may use.
package struct ServerOptions: Equatable, Sendable {
  /// The file that settings were read from.
  package var configurationPath: String?
  /// What was found in it, for the log.
  package var configuration: ConfigurationSummary?

  /// Empty: every address, IPv6 and IPv4 alike.
  package var host = ""
  package var port = Limits.portDefault
  package var memoryBytes: Int?
  package var loops: Int?
  package var io = DriverChoice.Wish.auto
  package var zeroCopy = LendingChoice.Wish.auto
  package var congestion = CongestionChoice.Wish.auto
  /// 0: a positive EXIST promises nothing.
  package var leaseSeconds = Limits.leaseSecondsDefault
  package var policy = EvictionPolicy.returns
  package var connectionsMax = Limits.connectionsDefault
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text
  /// Where the password of RESP clients stands.
  package var passwordFile: String?
  /// The password itself, from the environment.
  package var password: String?
  package var allowsFlush = false
  /// Where the users of RESP clients stand.
  package var usersFile: String?
  /// In the order in which they count.
  package var quotas: [Quota] = []

  // Sharing with engines up to 0.3.6.
  package var lookup: HostAndPort?
  package var registryBytes = Limits.registryBytesDefault
  package var peer: HostAndPort?
  package var peerAdvertise: HostAndPort?
  package var peerAllow: [AddressBlock] = []
  /// Nil: owners are not checked.
  package var peerCheckSeconds: Int? = Limits.ownerCheckSecondsDefault
  package var lookupURL: RedisURL?

  package var access = AccessOptions()
  package var tls = TLSOptions()

  /// Without paths while no disk is named.
  var diskSettings = DiskOptions()
  /// Nil: chunks are kept in memory alone.
  package var disk: DiskOptions? { diskSettings.paths.isEmpty ? nil : diskSettings }

  /// What was given, and where it came from.
  var given: [Flag: Setting] = [:]

  package init() {}

  package func origin(of flag: Flag) -> Origin { given[flag]?.origin ?? .standard }

  /// What gave the value, as a complaint about it calls it.
  package func name(of flag: Flag) -> String { origin(of: flag).name(of: flag) }
}

extension ServerOptions {
  /// Where engines reach the peer, for which `port` was bound; nil without a peer.
  package func advertised(boundPort port: UInt16) throws(OptionFailure) -> HostAndPort? {
    guard let peer else {
      guard peerAdvertise == nil else { throw needsPeer(.peerAdvertise) }
      guard lookupURL == nil else { throw needsPeer(.lookupURL) }
      return nil
    }
    if let peerAdvertise { return peerAdvertise }
    let isOfNoUse = peer.host.isEmpty || peer.host.contains(":") || IPAddress(peer.host)?.isWildcard == true
    guard !isOfNoUse else {
      throw OptionFailure(
        message: "\(name(of: .peer)) \(peer.text) does not say where others reach it; add --peer-advertise,"
          + " for example: --peer-advertise \(Flag.peerAdvertise.example)",
        exitCode: ExitCode.flag)
    }
    return HostAndPort(host: peer.host, port: port)
  }

  private func needsPeer(_ flag: Flag) -> OptionFailure {
    OptionFailure(
      message: "\(name(of: flag)) needs --peer, which it is about; for example: --peer \(Flag.peer.example)",
      exitCode: ExitCode.flag)
  }
}

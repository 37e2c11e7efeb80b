import Base
import IO
import Wire

/// Everything the server can be told. What is nil is worked out at start from what this process may use.
package struct ServerOptions: Equatable, Sendable {
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
  package var connectionsMax = Limits.connectionsDefault
  package var logLevel = LogLevel.info
  package var logFormat = LogFormat.text
  /// Where the password of RESP clients stands.
  package var passwordFile: String?
  /// The password itself, from the environment.
  package var password: String?
  package var allowsFlush = false

  // Sharing with engines up to 0.3.6.
  package var lookup: HostAndPort?
  package var registryBytes = Limits.registryBytesDefault
  package var peer: HostAndPort?
  package var peerAdvertise: HostAndPort?
  package var peerAllow: [AddressBlock] = []
  /// Nil: owners are not checked.
  package var peerCheckSeconds: Int? = Limits.ownerCheckSecondsDefault
  package var lookupURL: RedisURL?

  package init() {}
}

import Base

extension ServerOptions {
  /// Where engines reach the peer, for which `port` was bound; nil without a peer.
  package func advertised(boundPort port: UInt16) throws(OptionFailure) -> HostAndPort? {
    guard let peer else {
      guard peerAdvertise == nil else { throw Self.needsPeer(.peerAdvertise) }
      guard lookupURL == nil else { throw Self.needsPeer(.lookupURL) }
      return nil
    }
    if let peerAdvertise { return peerAdvertise }
    let isOfNoUse = peer.host.isEmpty || peer.host.contains(":") || IPAddress(peer.host)?.isWildcard == true
    guard !isOfNoUse else {
      throw OptionFailure(
        message: "--peer \(peer.text) does not say where others reach it; add --peer-advertise,"
          + " for example: --peer-advertise \(Flag.peerAdvertise.example)",
        exitCode: ExitCode.flag)
    }
    return HostAndPort(host: peer.host, port: port)
  }

  private static func needsPeer(_ flag: Flag) -> OptionFailure {
    OptionFailure(
      message: "\(flag.name) needs --peer, which it is about; for example: --peer \(Flag.peer.example)",
      exitCode: ExitCode.flag)
  }
}

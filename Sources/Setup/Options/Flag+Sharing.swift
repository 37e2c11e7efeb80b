import Base
import Registry
import Wire

/// The records of what sharing with engines up to 0.3.6 takes. Two variables are named as those engines name them.
extension Flag {
  static let aboutSharing = [lookup, registryMemory, peer, peerAdvertise, peerAllow, peerCheck, lookupURL]

  package static let lookup = Flag(
    "lookup", variable: "LMCACHE_LOOKUP_URL", takes: "HOST:PORT",
    "serve a lookup registry here, for engines up to 0.3.6", standard: "none", example: "0.0.0.0:8100",
    sets: \.lookup
  ) { (setting) throws(OptionFailure) in try setting.address() }

  package static let registryMemory = Flag(
    "registry-memory", takes: "SIZE",
    "memory for the registry's entries, beside the chunks', at least \(ByteSize.text(Limits.registryBytesMin))",
    standard: ByteSize.text(standards.registryBytes), example: "1GiB", sets: \.registryBytes
  ) { (setting) throws(OptionFailure) in try setting.registryBytes() }

  package static let peer = Flag(
    "peer", variable: "LMCACHE_DISTRIBUTED_URL", takes: "HOST:PORT",
    "serve chunks here as an engine up to 0.3.6 does to others", standard: "none", example: "0.0.0.0:8200",
    sets: \.peer
  ) { (setting) throws(OptionFailure) in try setting.address() }

  package static let peerAdvertise = Flag(
    "peer-advertise", takes: "HOST:PORT", "where others reach --peer",
    standard: "the address of --peer, if it is one", example: "10.1.2.3:8200", sets: \.peerAdvertise
  ) { (setting) throws(OptionFailure) in try setting.reachableAddress() }

  package static let peerAllow = Flag(
    "peer-allow", takes: "BLOCKS", "addresses that may be checked whoever names them, as in 10.0.0.0/8,192.168.1.5",
    standard: "none: only the address that names itself", example: "10.0.0.0/8", repeats: true,
    sets: \.peerAllow
  ) { (setting) throws(OptionFailure) in try setting.addressBlocks() }

  package static let peerCheck = Flag(
    "peer-check", takes: "off|SECONDS", "how often the registry looks whether the engines that it names are there",
    standard: standards.peerCheckSeconds.map(String.init) ?? "off", example: "\(Limits.ownerCheckSecondsDefault)",
    sets: \.peerCheckSeconds
  ) { (setting) throws(OptionFailure) in try setting.secondsOrOff() }

  package static let lookupURL = Flag(
    "lookup-url", takes: "URL", "announce the chunks held here in this Redis, under --peer's address",
    standard: "none", example: "redis://10.1.2.3:6379/0", sets: \.lookupURL
  ) { (setting) throws(OptionFailure) in try setting.redisURL() }
}

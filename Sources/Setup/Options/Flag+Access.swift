import Base

/// The records of who may do what.
extension Flag {
  /// Those that keep clients out.
  static let guarding = [allow, adminTokenFile, requirepass, users, tlsAuthorities, tlsClients]
  static let aboutAccess = [allow, lm, connectionsPerAddress, inFlightPerAddress, admin, adminTokenFile]

  package static let allow = Flag(
    "allow", takes: "[DOOR=]BLOCK",
    "addresses that may connect, at all doors or at one: data, lm, lookup, peer, admin",
    standard: "every address", example: "10.0.0.0/8,lookup=10.1.0.0/16", repeats: true, sets: \.access.allowed
  ) { (setting) throws(OptionFailure) in try setting.allowList() }

  package static let lm = Flag(
    "lm", takes: "on|off|HOST:PORT", "where lm:// is served, which has no credentials: off or a port of its own",
    standard: "on: on the port of everything else", example: "10.1.2.3:65433", sets: \.access.lm
  ) { (setting) throws(OptionFailure) in try setting.lmDoor() }

  package static let connectionsPerAddress = Flag(
    "max-connections-per-address", takes: "off|N", "connections kept at once of one address, or of one IPv6 /64",
    standard: "off", example: "256", sets: \.access.connectionsPerAddress
  ) { (setting) throws(OptionFailure) in
    try setting.unlessOff { (setting) throws(OptionFailure) in
      try setting.number(in: 1...Limits.connectionsMax, called: "off or a number")
    }
  }

  package static let inFlightPerAddress = Flag(
    "max-in-flight-per-address", takes: "off|SIZE",
    "what the values may take together that one address is storing; more of them are dropped", standard: "off",
    example: "4GiB", sets: \.access.inFlightBytesPerAddress
  ) { (setting) throws(OptionFailure) in
    try setting.unlessOff { (setting) throws(OptionFailure) in try setting.inFlightBytes() }
  }

  package static let admin = Flag(
    "admin", takes: "HOST:PORT", "serve what changes the server here, over HTTP; without a host on 127.0.0.1",
    standard: "off", example: "127.0.0.1:65430", sets: \.access.admin
  ) { (setting) throws(OptionFailure) in try setting.adminAddress() }

  package static let adminTokenFile = Flag(
    "admin-token-file", takes: "FILE",
    "the file with the token that --admin and --tls-admin ask for; needed where others can reach them",
    standard: "none", example: "/run/secrets/admin", sets: \.access.adminTokenFile
  ) { (setting) throws(OptionFailure) in try setting.path() }
}

/// The records of what keeps tenants apart.
extension Flag {
  static let aboutTenants = [users, quota]

  package static let users = Flag(
    "users", takes: "FILE",
    "the file with the users of RESP clients, in the form of Redis's ACL files; SIGHUP reads it again",
    standard: "one user, who may everything", example: "/etc/lmcache-server/users.acl", sets: \.usersFile
  ) { (setting) throws(OptionFailure) in try setting.path() }

  package static let quota = Flag(
    "quota", takes: "WHAT:SIZE",
    "the most memory for chunks of model=NAME or tag:KEY=VALUE, both may end in *; for more again",
    standard: "none", example: "model=meta-llama/Llama-3.1-8B-Instruct:40GiB", repeats: true, sets: \.quotas
  ) { (setting) throws(OptionFailure) in try setting.quotas() }
}

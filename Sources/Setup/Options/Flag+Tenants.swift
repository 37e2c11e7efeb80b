import Base

/// The records of what keeps tenants apart.
extension Flag {
  static let aboutTenants = [users]

  package static let users = Flag(
    "users", takes: "FILE",
    "the file with the users of RESP clients, in the form of Redis's ACL files; SIGHUP reads it again",
    standard: "one user, who may everything", example: "/etc/lmcache-server/users.acl", sets: \.usersFile
  ) { (setting) throws(OptionFailure) in try setting.path() }
}

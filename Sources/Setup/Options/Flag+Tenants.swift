import Base

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

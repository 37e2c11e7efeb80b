import Base

/// The record of the file that other settings may stand in. Its variable is the one by which engines find theirs.
extension Flag {
  static let aboutConfiguration = [configuration]

  /// A file does not name another.
  static var inFiles: [Flag] { all.filter { $0 != configuration } }

  package static let configuration = Flag(
    "config", variable: "LMCACHE_CONFIG_FILE", takes: "FILE",
    "a YAML file with settings, also one that engines read; flags and variables win over it", standard: "none",
    example: "/etc/lmcache-server/config.yaml", sets: \.configurationPath
  ) { (setting) throws(OptionFailure) in try setting.path() }
}

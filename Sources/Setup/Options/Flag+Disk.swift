import Base

/// The records of what the disk tier takes. Two variables are named as engines name them.
extension Flag {
  static let aboutDisks = [diskSize, diskWrite, diskWriteRate, diskGrace, diskFormat, diskRequire, diskWait]

  package static let disk = Flag(
    "disk", variable: "LMCACHE_LOCAL_DISK", takes: "PATH|off",
    "a directory to keep chunks in too, also file://PATH; for more devices again, or after commas",
    standard: "off: chunks are kept in memory alone", example: "/var/cache/lmcache-server", repeats: true,
    sets: \.diskSettings.paths
  ) { (setting) throws(OptionFailure) in try setting.directories() }

  package static let diskSize = Flag(
    "disk-size", variable: "LMCACHE_MAX_LOCAL_DISK_SIZE", takes: "SIZE",
    "the most that each directory takes, at least \(ByteSize.text(Limits.diskBytesMin));"
      + " 100 in the variable is 100GiB",
    standard: "\(Limits.diskFreePercent) % of what its file system has free at the start", example: "100GiB",
    sets: \.diskSettings.sizeBytes
  ) { (setting) throws(OptionFailure) in try setting.diskBytes() }

  package static let diskWrite = Flag(
    "disk-write", takes: choices(of: DiskWriteMode.self), "which chunks are written",
    standard: "auto: what is likely to come back, ahead of its eviction; all: each; evicted: what goes",
    example: DiskWriteMode.evicted.rawValue, sets: \.diskSettings.write
  ) { (setting) throws(OptionFailure) in try setting.choice() }

  package static let diskWriteRate = Flag(
    "disk-write-rate", takes: "SIZE",
    "bytes a second to each device on average, which wear it; bursts and SIGTERM write faster",
    standard: "\(ByteSize.text(Limits.diskWriteRateBytesDefault)):"
      + " 7.2 TB a day, one full write a day of a drive of 7.68 TB",
    example: "200MiB", sets: \.diskSettings.writeRateBytes
  ) { (setting) throws(OptionFailure) in try setting.writeRateBytes() }

  package static let diskGrace = Flag(
    "disk-grace", takes: "SECONDS",
    "how long SIGTERM may go on writing chunks, 0 to \(Limits.diskGraceSecondsMax); shorter than until the kill",
    standard: "\(standards.diskSettings.graceSeconds), of the 30 that Kubernetes grants",
    example: "\(Limits.diskGraceSecondsDefault)", sets: \.diskSettings.graceSeconds
  ) { (setting) throws(OptionFailure) in
    try setting.number(in: 0...Limits.diskGraceSecondsMax, called: "a number of seconds")
  }

  package static let diskFormat = Flag(
    "disk-format", takes: choices(of: Switch.self),
    "whether a directory that cannot be read begins afresh: its segment files are deleted, others stay",
    standard: "no: it stays as it is, and is not used", example: Switch.yes.rawValue, isSwitch: true,
    sets: \.diskSettings.formats
  ) { (setting) throws(OptionFailure) in try setting.choice() as Switch == .yes }

  package static let diskRequire = Flag(
    "disk-require", takes: choices(of: Switch.self),
    "whether to refuse to start where a directory cannot be used",
    standard: "no: without that directory, which the log and /readyz say", example: Switch.yes.rawValue,
    isSwitch: true, sets: \.diskSettings.requires
  ) { (setting) throws(OptionFailure) in try setting.choice() as Switch == .yes }

  package static let diskWait = Flag(
    "disk-wait", takes: choices(of: Switch.self),
    "whether /readyz answers 503 until all that is on disk is known",
    standard: "no: what is not known yet is a miss", example: Switch.yes.rawValue, isSwitch: true,
    sets: \.diskSettings.waits
  ) { (setting) throws(OptionFailure) in try setting.choice() as Switch == .yes }
}

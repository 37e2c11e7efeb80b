import Base
import Registry
import Store

extension Limits {
  // MARK: Options
  /// The port of LMCache's own examples.
  static let portDefault: UInt16 = 65432
  /// A loop moves gigabytes a second: more loops than this only cost memory, also on the largest machines.
  static let loopsMax = 64
  /// Enough for a rank a connection in any cluster; each costs buffers and kernel memory.
  static let connectionsDefault = 20_000
  /// What one process can have descriptors for on a usual machine.
  static let connectionsMax = 1_000_000
  /// What a complaint repeats of a bad value, so that it stays one readable line.
  static let quotedScalarsMax = 60
  /// A million entries and more, while it takes only what is used.
  static let registryBytesDefault = 128 * 1024 * 1024
  /// How often owners are looked after, unless `--peer-check` says otherwise: a dead one is hidden after 15 s at most.
  static let ownerCheckSecondsDefault = 5
  static let ownerCheckSecondsMax = 3600

  /// Each connection is compared with all of them; a longer list should be a firewall's.
  static let allowedBlocksMax = 256
  /// A shorter token could be found by asking.
  static let tokenBytesMin = 16
  static let tokenBytesMax = 1024

  // MARK: Disks
  /// As many devices as a storage server has; beyond, a list of directories is a mistake.
  static let disksMax = 16
  /// Less than this holds too few segments to reuse one while others are read.
  package static let diskBytesMin = 64 * 1024 * 1024
  /// Without a size the tier leaves the rest of the free space to others on the file system, and to what it keeps itself.
  package static let diskFreePercent = 80
  /// 7.2 TB a day: one full write a day of a drive of 7.68 TB, which is what those made for reading are warranted for, and
  /// two of 3.84 TB, below the three of those made for both. A drive of neither kind wears out early at any higher rate.
  static let diskWriteRateBytesDefault = 80 * 1024 * 1024
  /// At this rate a terabyte takes eleven days.
  static let diskWriteRateBytesMin = 1024 * 1024
  /// Replies under way have ended by then, and 10 s remain of the 30 after which Kubernetes kills.
  static let diskGraceSecondsDefault = 20
  static let diskGraceSecondsMax = 3600

  // MARK: Memory budget
  /// Less than this holds no chunk of any model that is served today.
  static let budgetBytesMin = 16 * 1024 * 1024
  /// The smallest limit worth recommending: it leaves a few chunks beside the reserve.
  static let limitBytesAdvised = 512 * 1024 * 1024
  /// Without a limit the server leaves this share of the free memory to others.
  static let unlimitedPercent = 50
  /// mountinfo is the longest file read at start; a machine with thousands of mounts stays below this.
  static let systemFileBytesMax = 4 * 1024 * 1024

  // MARK: The configuration file
  /// A file for engine and server has a few kilobytes. Far more than that is another file, and reading it must not take
  /// the memory that a small container has.
  package static let configurationBytesMax = 256 * 1024
  /// Engines nest a few levels in what they pass on to plugins.
  static let configurationDepthMax = 32
  /// Engine and server know some hundred names together. Each value takes memory while the file is read.
  static let configurationValuesMax = 10_000

  // MARK: The file of users
  /// Thousands of users with digests, and far more than is meant by any file of users.
  static let usersFileBytesMax = 1024 * 1024

  // MARK: Tools
  /// A page of a busy server takes milliseconds: what takes longer has gone.
  static let toolSecondsDefault = 10
  /// A removal is answered when it is done, and looks at every chunk of memory and disks.
  static let toolRemovalSecondsDefault = 600
  static let toolSecondsMax = 86_400
  static let toolCountMax = 1_000_000_000
  /// What one command line is for; a longer list comes by xargs.
  package static let toolKeysMax = 10_000

  package static func checkSetup() {
    precondition(budgetBytesMin >= storeBytesMin, "the least budget makes a store")
    precondition(limitBytesAdvised - reserveBytesMin >= budgetBytesMin, "the limit that is advised leaves a budget")
    precondition((registryBytesMin...registryBytesMax).contains(registryBytesDefault), "the registry can be had")
  }
}

import Base

/// What the disk tier was told.
package struct DiskOptions: Equatable, Sendable {
  /// A directory for each device, as absolute paths without a final slash.
  package var paths: [String] = []
  /// For each device; nil is worked out from what its file system has free.
  package var sizeBytes: Int?
  package var write = DiskWriteMode.auto
  /// A second for each device, on average.
  package var writeRateBytes = Limits.diskWriteRateBytesDefault
  /// How long chunks are still written after SIGTERM.
  package var graceSeconds = Limits.diskGraceSecondsDefault
  /// Whether a directory that cannot be read is emptied.
  package var formats = false
  /// Whether the server starts only with every directory.
  package var requires = false
  /// Whether the server is ready only when it knows what is on disk.
  package var waits = false

  package init() {}
}

/// Which chunks are written, and when.
package enum DiskWriteMode: String, CaseIterable, Sendable {
  /// What is expected to come back, ahead of its eviction.
  case auto
  /// Every chunk, soon after it was stored.
  case all
  /// Only what memory evicts.
  case evicted
}

extension ServerOptions {
  /// What is said about a disk that was not named was meant for one. Two things are excused: `--disk off`, which turns the
  /// tier off whatever else was said, and the engines' name of the size, which they have beside other tiers too.
  func checkDisk() throws(OptionFailure) {
    guard !diskSettings.paths.isEmpty else {
      guard origin(of: .disk) == .standard else { return }
      for flag in Flag.aboutDisks where origin(of: flag) != .standard {
        if flag == .diskSize, origin(of: flag).isEngines(flag) { continue }
        throw OptionFailure(
          message: "\(name(of: flag)) needs --disk, which it is about; for example: --disk \(Flag.disk.example)",
          exitCode: ExitCode.flag)
      }
      return
    }
    if let bytes = diskSettings.sizeBytes, bytes < Limits.diskBytesMin {
      throw OptionFailure(
        message: "\(name(of: .diskSize)) is \(ByteSize.text(bytes)), less than the"
          + " \(ByteSize.text(Limits.diskBytesMin)) that a disk needs at least; for example: "
          + origin(of: .diskSize).example(of: .diskSize),
        exitCode: ExitCode.flag)
    }
  }
}

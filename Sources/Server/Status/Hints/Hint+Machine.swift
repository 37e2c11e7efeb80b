import Base

/// What the machine gives and withholds.
extension Hint {
  static func driverRefused(_ evidence: StatusEvidence) -> [Hint] {
    guard evidence.driver == "epoll", evidence.driverReason.hasPrefix("io_uring refused") else { return [] }
    return [
      Hint(
        "io_uring_refused", "io_uring is refused here: epoll in use (\(evidence.driverReason))",
        advice: "apply the seccomp profile that comes with the server, or say --io epoll if that is meant")
    ]
  }

  static func connectionsNearLimit(_ evidence: StatusEvidence) -> [Hint] {
    let (open, most) = (evidence.total.connections, evidence.connectionsMax)
    guard open * 100 >= Limits.hintConnectionPercent * most else { return [] }
    return [
      Hint(
        "connections_near_limit", "\(open) of at most \(most) connections are open",
        advice: "raise --max-connections, and the limit on open files (ulimit -n) with it")
    ]
  }

  /// As fast as since the start, when it has been written over at least once: before that a rate says little.
  static func diskWear(_ evidence: StatusEvidence) -> [Hint] {
    evidence.disks.compactMap { disk in
      guard disk.sizeBytes > 0, disk.writtenBytes >= UInt64(disk.sizeBytes) else { return nil }
      let times = Double(disk.writtenBytes) / Double(disk.sizeBytes)
      let perDay = times * 86400 / Double(max(1, evidence.uptimeSeconds))
      guard perDay > Limits.hintDiskWritesPerDay else { return nil }
      return Hint(
        "disk_wear",
        "disk \(disk.path) is written at a rate of \(Int(perDay.rounded(.up))) times its size a day",
        advice:
          "compare with what the drive is made for; a larger --disk-size or a lower --disk-write-rate spares it"
      )
    }
  }
}

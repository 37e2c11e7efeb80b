import Base
import Glibc

/// How many CPUs this process may use: by affinity, which a cpuset also shows in, and by the quota of its cgroups.
package enum CPUQuota {
  /// The default of `--loops`.
  package static func loops(
    files: SystemFiles = SystemFiles(), affinity: Int = CPUQuota.affinity()
  ) -> Int {
    let allowed = min(affinity, cpus(files) ?? affinity)
    return min(max(allowed, 1), Limits.loopsMax)
  }

  /// CPUs the scheduler may put us on.
  package static func affinity() -> Int {
    var set = cpu_set_t()
    guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &set) == 0 else {
      // More CPUs than the set has room for.
      return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
    return withUnsafeBytes(of: set) { bytes in bytes.reduce(0) { $0 + $1.nonzeroBitCount } }
  }

  /// The least quota of the cgroup and its ancestors in whole CPUs, rounded up; nil without one.
  static func cpus(_ files: SystemFiles) -> Int? {
    let directories = CgroupDirectories(controller: "cpu", files: files)
    let two = directories.two.compactMap { directory -> Int? in
      let words = files.words("\(directory)/cpu.max")
      return words.count == 2 ? roundedUp(quota: words[0], period: words[1]) : nil
    }
    let one = directories.one.compactMap { directory -> Int? in
      guard let quota = files.words("\(directory)/cpu.cfs_quota_us").first,
        let period = files.words("\(directory)/cpu.cfs_period_us").first
      else { return nil }
      return roundedUp(quota: quota, period: period)
    }
    return (one + two).min()
  }

  /// Nil for `max` and for -1, which mean no quota.
  private static func roundedUp(quota: Substring, period: Substring) -> Int? {
    guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else { return nil }
    let (cpus, rest) = quota.quotientAndRemainder(dividingBy: period)
    return cpus + (rest > 0 ? 1 : 0)
  }
}

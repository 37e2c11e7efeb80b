/// Where the limits of this process stand. On a hybrid machine both versions may have some.
struct CgroupDirectories {
  /// Of version one, for one controller.
  let one: [String]
  let two: [String]

  init(controller: String, files: SystemFiles) {
    let memberships = files.lines("/proc/self/cgroup").compactMap(Membership.init)
    let mounts = files.lines("/proc/self/mountinfo").compactMap(CgroupMount.init)
    let pathOne = memberships.first { $0.controllers.contains { $0 == controller } }?.path
    let pathTwo = memberships.first { $0.controllers.isEmpty }?.path
    one = mounts.filter { $0.version == .one && $0.controllers.contains { $0 == controller } }
      .flatMap { mount in pathOne.map(mount.directories) ?? [] }
    two = mounts.filter { $0.version == .two }
      .flatMap { mount in pathTwo.map(mount.directories) ?? [] }
  }

  /// A line of `/proc/self/cgroup`: `4:memory:/a/b`, or `0::/a/b` for version two.
  private struct Membership {
    let controllers: [Substring]
    let path: String

    init?(_ line: Substring) {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      controllers = fields[1].split(separator: ",")
      path = String(fields[2])
    }
  }
}

import Glibc
import IO

/// The directory of a pretend disk as the processes of one world see it. Its calls take no time, unless the
/// disk hangs.
package final class SimulatedDirectory: DeviceDirectory, @unchecked Sendable {
  package let path: String
  private let disk: SimulatedDisk
  private let age: Int
  /// Weak: what is left of a process that was killed may end later than its world.
  private weak var world: SimulatedWorld?

  init(_ disk: SimulatedDisk, _ world: SimulatedWorld, path: String) {
    self.disk = disk
    self.world = world
    self.path = path
    age = disk.age
  }

  deinit { unlock() }

  package var claimsSpace: Bool { disk.claimsSpace }

  package func carryOut(_ calls: @escaping @Sendable () -> Void) {
    guard let world, disk.hangsUntil > world.now else { return calls() }
    world.agenda.add(.carryOut(calls), at: disk.hangsUntil)
  }

  package func lock() throws(DirectoryFailure) -> Bool {
    try check(.lock, isChange: true)
    if disk.lockHolder == nil { disk.lockHolder = ObjectIdentifier(self) }
    return disk.lockHolder == ObjectIdentifier(self)
  }

  package func unlock() {
    if disk.lockHolder == ObjectIdentifier(self) { disk.lockHolder = nil }
  }

  package func names() throws(DirectoryFailure) -> [String] {
    try check(.list)
    return disk.names
  }

  package func open(_ name: String) throws(DirectoryFailure) -> DeviceFile? {
    try check(.open, name)
    return disk.files[name].map(opened)
  }

  package func make(_ name: String, byteCount: Int) throws(DirectoryFailure) -> DeviceFile {
    try check(.make, name, isChange: true)
    let known = disk.files[name]
    if disk.claimsSpace, !disk.hasRoom(for: SimulatedDisk.wholeBlocks(byteCount), insteadOf: known) {
      throw DirectoryFailure(.claimSpace, "\(path)/\(name)", errno: ENOSPC)
    }
    let file = known ?? SimulatedFile()
    file.resize(to: byteCount)
    if known == nil { disk.name(name, file) }
    return opened(file)
  }

  package func remove(_ name: String) throws(DirectoryFailure) {
    try check(.remove, name, isChange: true)
    if disk.files[name] != nil { disk.name(name, nil) }
  }

  package func rename(_ name: String, to other: String) throws(DirectoryFailure) {
    try check(.rename, name, isChange: true)
    guard disk.files[name] != nil else { throw DirectoryFailure(.rename, "\(path)/\(name)", errno: ENOENT) }
    disk.rename(name, to: other)
  }

  package func sync() throws(DirectoryFailure) {
    try check(.sync)
    disk.syncNames()
  }

  package func close(_ file: DeviceFile) { world?.close(file.descriptor) }

  package func dropCache(_ file: DeviceFile, _ range: Range<Int>) {}

  package func freeBytes() throws(DirectoryFailure) -> Int {
    try check(.measure)
    return max(0, disk.capacityBytes - disk.allocatedBytes)
  }

  package func allocatedBytes() throws(DirectoryFailure) -> Int {
    try check(.measure)
    return disk.allocatedBytes
  }

  private func opened(_ file: SimulatedFile) -> DeviceFile {
    DeviceFile(
      descriptor: world!.open(file, of: disk), byteCount: file.byteCount, isDirect: disk.knowsDirect)
  }

  private func check(
    _ call: DirectoryFailure.Call, _ name: String? = nil, isChange: Bool = false
  ) throws(DirectoryFailure) {
    let place = name.map { "\(path)/\($0)" } ?? path
    if disk.isGone || disk.age != age || world == nil { throw DirectoryFailure(call, place, errno: ENODEV) }
    if isChange, disk.isReadOnly { throw DirectoryFailure(call, place, errno: EROFS) }
    if disk.fails(disk.faults.directoryFailurePerMille) { throw DirectoryFailure(call, place, errno: EIO) }
  }
}

import Base
import Glibc

/// A pretend disk with the files of one directory. It belongs to a test and survives the worlds it is attached to: a test
/// ends one of them by `kill` or `losePower` and goes on with another world. Only the thread of the worlds touches it.
///
/// A write that was reported is read at once; on the medium it is for good only after a sync of its file, and
/// a name only after a sync of the directory. The seed decides what of the rest a loss of power leaves.
package final class SimulatedDisk: @unchecked Sendable {
  package var faults: DiskFaultPlan
  package var capacityBytes: Int
  /// Whether files are opened for direct I/O, with its rules.
  package var knowsDirect = true
  /// Whether making a file claims its space; otherwise the space goes as blocks are written.
  package var claimsSpace = true
  /// Whether everything fails with ENODEV.
  package var isGone = false
  package var isReadOnly = false
  /// Until then the device keeps every operation that it is given.
  package var hangsUntil: UInt64 = 0

  /// What it did and did not say, in order.
  package internal(set) var damage: [DiskDamage] = []
  /// How many operations and calls failed by a fault that was drawn.
  package internal(set) var failureCount = 0
  package internal(set) var hangCount = 0

  var random: SplitMix64
  /// Grows as what is attached is cut off.
  private(set) var age = 0
  var lockHolder: ObjectIdentifier?
  private(set) var files: [String: SimulatedFile] = [:]
  private var durableFiles: [String: SimulatedFile] = [:]
  /// What names were, before the first change since the directory was synced and after each.
  private var unsyncedFiles: [[String: SimulatedFile]] = []
  /// Removed and still open.
  private var nameless: [SimulatedFile] = []
  private var worlds: [WeakWorld] = []

  private struct WeakWorld {
    weak var world: SimulatedWorld?
  }

  package init(seed: UInt64, capacityBytes: Int = 1 << 30, faults: DiskFaultPlan = .none) {
    random = SplitMix64(seed: seed)
    self.capacityBytes = capacityBytes
    self.faults = faults
  }

  /// What can be read of a file now; nil where there is none.
  package func contents(of name: String) -> [UInt8]? { files[name].map { $0.read(0..<$0.byteCount) } }

  package var names: [String] { files.keys.sorted() }

  /// Turns bits of a file over, as rot does; for tests that say where.
  package func flip(_ name: String, at offset: Int, mask: UInt8 = 1) {
    let file = files[name]!
    for bit in 0..<8 where mask & 1 << UInt8(bit) != 0 {
      file.flip(bit: offset % SimulatedFile.blockBytes * 8 + bit, of: offset / SimulatedFile.blockBytes)
    }
    note(.rot, file, offset..<offset + 1)
  }

  // MARK: Space

  /// Of files that have a name.
  var allocatedBytes: Int { files.values.reduce(0) { $0 + space(of: $1) } }

  /// - Parameter file: already counted with what it takes now.
  func hasRoom(for bytes: Int, insteadOf file: SimulatedFile?) -> Bool {
    let others = nameless.reduce(allocatedBytes) { $0 + space(of: $1) } - (file.map(space) ?? 0)
    return others + bytes <= capacityBytes
  }

  func space(of file: SimulatedFile) -> Int {
    claimsSpace ? Self.wholeBlocks(file.byteCount) : file.writtenBlocks.count * SimulatedFile.blockBytes
  }

  static func wholeBlocks(_ bytes: Int) -> Int {
    (bytes + SimulatedFile.blockBytes - 1) / SimulatedFile.blockBytes * SimulatedFile.blockBytes
  }

  // MARK: Names

  func name(_ name: String, _ file: SimulatedFile?) {
    change { $0[name] = file }
  }

  func rename(_ name: String, to other: String) {
    change { $0[other] = $0.removeValue(forKey: name) }
  }

  func syncNames() {
    (durableFiles, unsyncedFiles) = (files, [])
  }

  func close(_ file: SimulatedFile) {
    file.openCount -= 1
    if file.openCount == 0 { nameless.removeAll { $0 === file } }
  }

  private func change(_ body: (inout [String: SimulatedFile]) -> Void) {
    if unsyncedFiles.isEmpty { unsyncedFiles = [durableFiles] }
    let before = files
    body(&files)
    unsyncedFiles.append(files)
    for file in before.values where file.openCount > 0 && !files.values.contains(where: { $0 === file }) {
      nameless.append(file)
    }
  }

  func note(_ kind: DiskDamage.Kind, _ file: SimulatedFile, _ range: Range<Int>) {
    let name = files.first { $0.value === file }?.key ?? ""
    damage.append(DiskDamage(kind: kind, file: name, range: range))
  }

  // MARK: Ends

  func join(_ world: SimulatedWorld) {
    if !worlds.contains(where: { $0.world === world }) { worlds.append(WeakWorld(world: world)) }
  }

  /// The end of all processes that use the disk, as by kill -9: what was reported stays, and of a write under way any
  /// sectors. To whatever is left of them the disk is gone.
  package func kill() {
    for world in worlds.compactMap(\.world) {
      for write in world.writesUnderWay(on: self).shuffled(using: &random) { tear(write) }
    }
    age += 1
    for file in nameless + files.values { file.openCount = 0 }
    // The next world begins its time anew.
    (worlds, nameless, lockHolder, hangsUntil) = ([], [], nil, 0)
  }

  /// The end of the machine: of what was not synced any sectors stay, and of changes of names the first ones, as a journal
  /// keeps them.
  package func losePower() {
    kill()
    let keptPerMille = [0, 500, 900, 1000].randomElement(using: &random)!
    // A file lives on under any name that it may get back. By names, so that the draws come in the same order every time.
    var lost: [SimulatedFile] = []
    for names in [durableFiles] + unsyncedFiles + [files] {
      for name in names.keys.sorted() where !lost.contains(where: { $0 === names[name]! }) {
        lost.append(names[name]!)
        names[name]!.losePower(&random, keptPerMille: keptPerMille)
      }
    }
    if !unsyncedFiles.isEmpty { files = unsyncedFiles[random.pick(0...unsyncedFiles.count - 1)] }
    syncNames()
  }
}

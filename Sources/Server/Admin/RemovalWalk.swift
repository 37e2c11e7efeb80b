import Base
import IO
import Objects
import Store
import Tier

/// Removes what an administrator names from memory and from every disk, a little at a time.
struct RemovalWalk {
  let worker: Worker
  let target: RemovalTarget

  /// What went, and why that may not be everything.
  func run() async -> (removal: Removal, complaint: String?) {
    switch target {
    case .key(let key):
      guard key.count <= Limits.nameBytesMax else { return (Removal(), nil) }
      return (key.withUnsafeBytes { lane.removeAll(key: $0, now: worker.loop.now) }, nil)
    case .model(let model): return await walk { key in model.withUnsafeBytes { ChunkKey.isOf(model: $0, key) } }
    case .tag(let tag): return await walk { key in tag.withUnsafeBytes { ChunkKey.hasTag($0, key) } }
    case .all: return await removeAll()
    }
  }

  private var lane: Lane { worker.lane }

  /// Nil when all steps were taken.
  private func steps(
    _ removal: inout Removal, _ event: ChangeEvent, _ isWanted: (UnsafeRawBufferPointer) -> Bool
  ) async -> String? {
    var cursor: UInt64 = 0
    repeat {
      cursor = lane.removeSome(from: cursor, counting: &removal, event, where: isWanted)
      await worker.loop.bulkTurn(bytes: Limits.sliceBytes)
      if worker.isClosing { return "the server ends" }
    } while cursor != 0
    return nil
  }

  /// What a disk has that is not known yet has no key here that could be looked at.
  private func walk(_ isWanted: (UnsafeRawBufferPointer) -> Bool) async -> (Removal, String?) {
    var removal = Removal()
    let knewAll = lane.knowsAllDevices
    let complaint = await steps(&removal, .removed, isWanted)
    guard knewAll, lane.knowsAllDevices else {
      return (removal, complaint ?? "a disk is not loaded, and may hold more: look at /readyz, then ask again")
    }
    return (removal, complaint)
  }

  private func removeAll() async -> (Removal, String?) {
    var removal = Removal()
    lane.noteRemovalOfAll()
    var complaint = await steps(&removal, .flushed) { _ in true }
    if let tier = worker.server.tier, await !tier.flush() {
      complaint = complaint ?? "a disk could not be told: look at /readyz, then ask again"
    }
    return (removal, complaint)
  }
}

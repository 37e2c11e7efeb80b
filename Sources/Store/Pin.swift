import Base
import Glibc
import Synchronization

/// A value that cannot change or go while it is read. Ends by itself.
package struct Pin: ~Copyable {
  package let length: Int
  package let meta: ObjectMeta?
  private let vault: Vault
  private let id: EntryID
  private let hash: UInt64
  private let chain: Chain
  /// Where the last walk came to. Atomic only so that reading a pin need not change it.
  private let cursor = Atomic<UInt64>(UInt64.max)

  init(vault: Vault, id: EntryID) {
    let entry = vault.entries[id]
    self.vault = vault
    self.id = id
    length = Int(entry.pointee.length)
    meta = entry.pointee.hasMeta ? entry.pointee.meta : nil
    hash = entry.pointee.hash
    chain = Chain(entry)
  }

  deinit { vault.unpin(id, hash: hash) }

  /// Writes the pieces of up to `max` bytes from byte `from` on, neighbours merged. How many pieces.
  package func regions(from: Int, max: Int, into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    precondition(from >= 0 && from <= length && max >= 0)
    let range = from..<from + Swift.min(max, length - from)
    var position = Chain.Position(packed: cursor.load(ordering: .relaxed))
    defer { cursor.store(position.packed, ordering: .relaxed) }
    return chain.regions(of: range, into: vectors, cursor: &position, arena: vault.arena, links: vault.links)
  }
}

extension Chain.Position {
  fileprivate init(packed: UInt64) {
    self.init(number: UInt32(packed >> 32), page: PageID(truncatingIfNeeded: packed))
  }

  fileprivate var packed: UInt64 { UInt64(number) << 32 | UInt64(page) }
}

import Base
import Glibc
import Synchronization

/// A value that cannot change or go while it is read. Ends by itself.
package struct Pin: ~Copyable {
  private let value: PinnedValue
  private let vault: Vault
  /// Atomic only so that reading a pin need not change it.
  private let cursor = Atomic<UInt64>(UInt64.max)

  package var length: Int { value.length }
  package var meta: ObjectMeta? { value.meta }

  var marks: BlockMarks { vault.marks }

  init(_ value: PinnedValue, vault: Vault) {
    self.value = value
    self.vault = vault
  }

  deinit { vault.unpin(value.id, hash: value.hash) }

  /// Writes the pieces of up to `max` bytes from byte `from` on, neighbours merged. How many pieces.
  package func regions(from: Int, max: Int, into vectors: UnsafeMutableBufferPointer<iovec>) -> Int {
    precondition(from >= 0 && from <= length && max >= 0)
    let range = from..<from + Swift.min(max, length - from)
    return withCursor {
      value.chain.regions(of: range, into: vectors, cursor: &$0, arena: vault.arena, links: vault.links)
    }
  }

  /// The page of a byte; nil when it lies in the tail that shares its page with others.
  func page(at offset: Int) -> PageID? {
    let number = offset / Limits.pageBytes
    guard number < value.chain.pageCount else { return nil }
    return withCursor { value.chain.page(number, cursor: &$0, links: vault.links) }
  }

  /// Where the last walk came to.
  var place: UInt64 {
    get { cursor.load(ordering: .relaxed) }
    nonmutating set { cursor.store(newValue, ordering: .relaxed) }
  }

  @inline(__always)
  private func withCursor<Result>(_ body: (inout Chain.Position) -> Result) -> Result {
    var position = Chain.Position(packed: cursor.load(ordering: .relaxed))
    defer { cursor.store(position.packed, ordering: .relaxed) }
    return body(&position)
  }
}

/// What a pin knows of its entry, copied when the pin was set.
package struct PinnedValue: Sendable {
  let id: EntryID
  let hash: UInt64
  let length: Int
  let meta: ObjectMeta?
  let chain: Chain

  /// Sets the pin. Under the lock of the entry's stripe.
  init(pinning id: EntryID, in table: StripeTable, _ entries: EntryTable) {
    let (fixed, part) = (entries[id], table[id])
    part.pointee.pins = part.pointee.pins + 1
    self.id = id
    hash = fixed.pointee.hash
    length = Int(fixed.pointee.length)
    meta = part.pointee.kind == .withMeta ? part.pointee.meta : nil
    chain = Chain(entries.storage(of: id))
  }
}

extension Chain.Position {
  fileprivate init(packed: UInt64) {
    self.init(number: UInt32(packed >> 32), page: PageID(truncatingIfNeeded: packed))
  }

  fileprivate var packed: UInt64 { UInt64(number) << 32 | UInt64(page) }
}

import Base

/// A value that is stored at present, for those who come back to it later: by then it may be another one's record.
package struct ValueRef: Hashable, Sendable {
  let hash: UInt64
  let entry: EntryRef

  init(_ id: EntryID, _ entries: EntryTable) {
    hash = entries[id].pointee.hash
    entry = EntryRef(id: id, generation: entries[id].pointee.generation)
  }
}

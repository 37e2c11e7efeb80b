import Base

extension Vault {
  /// Tells of an entry that engines can ask for. Under the lock of its stripe; the queue's own lock comes last of all.
  func note(_ change: KeyChange, _ id: EntryID, _ kind: EntryKind) {
    guard let changes, kind == .object, let key = entries.shortKey(of: id),
      key.count <= Limits.keyBytesMax
    else { return }
    changes.note(change, key)
  }
}

extension Store {
  /// The news of keys, where the configuration asks for it. It has one reader.
  package var changes: ChangeQueue? { vault.changes }
}

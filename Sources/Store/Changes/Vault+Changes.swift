import Base

extension Vault {
  /// Logs what happens to an entry. Under the lock of its stripe, before the record goes.
  @inline(__always)
  func note(_ event: ChangeEvent, _ id: EntryID, _ kind: ValueKind) {
    if let changes, kind != .hidden { note(event, id, kind, in: changes) }
  }

  private func note(_ event: ChangeEvent, _ id: EntryID, _ kind: ValueKind, in changes: ChangeLog) {
    changes.append(event, kind, keyLength: Int(entries[id].pointee.keyLength)) { entries.copyKey(of: id, into: $0) }
  }
}

extension Store {
  /// What happens to all keys, where the configuration asks for it.
  package var changes: ChangeLog? { vault.changes }
}

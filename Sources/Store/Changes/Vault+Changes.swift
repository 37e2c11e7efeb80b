import Base

extension Vault {
  /// Writes down what happens to an entry that clients can see. Under the lock of its stripe, before the record goes.
  @inline(__always)
  func note(_ event: ChangeEvent, _ id: EntryID, _ kind: EntryKind) {
    if let changes { note(event, id, kind, in: changes) }
  }

  private func note(_ event: ChangeEvent, _ id: EntryID, _ kind: EntryKind, in changes: ChangeLog) {
    let seenAs: ValueKind?
    switch kind {
    case .object: seenAs = .withMeta
    case .whole: seenAs = .plain
    case .bytesAlone, .oddMetadata: seenAs = nil
    case .metadataAlone: return
    }
    changes.append(event, seenAs, keyLength: Int(entries[id].pointee.keyLength)) {
      entries.copyKey(of: id, into: $0)
    }
  }
}

extension Store {
  /// What happens to all keys, where the configuration asks for it.
  package var changes: ChangeLog? { vault.changes }
}

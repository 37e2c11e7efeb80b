import Base

extension Lane {
  /// How many calls of `forEachKey` see every key.
  package static var stripeCount: Int { Limits.indexStripes }

  /// The bytes of all keys together, and how many there are.
  package func keyBytes() -> Int { vault.ledger.withLock { $0.keyBytes } }
  package func keyCount() -> Int { vault.ledger.withLock { $0.objects } }

  /// How many entries there are of each kind.
  package func counts() -> InlineArray<8, Int> { vault.ledger.withLock { $0.counts } }

  /// Shows the keys of one stripe's values of a kind, as far as `lm` can ask for them. The stripe is locked meanwhile:
  /// copy and return, no I/O.
  package func forEachKey(stripe: Int, kind: ValueKind, now: UInt64, _ visit: (RawSpan) -> Void) {
    vault.index.withStripe(stripe) { table in
      table.forEach { id in
        guard table[id].pointee.isOfLM(kind), !table[id].pointee.hasExpired(at: now),
          let key = vault.entries.shortKey(of: id), key.count <= Limits.keyBytesMax
        else { return }
        visit(key.bytes)
      }
    }
  }

  /// Forgets everything in one stripe, promises and all: for FLUSH. Readers finish.
  package func removeAll(stripe: Int) {
    vault.disk?.noteChangeOfAll()
    vault.index.withStripe(stripe) { table in
      table.removeAll { table, id in
        vault.endPromise(of: id, .removed, in: table)
        vault.note(.flushed, id, table[id].pointee.kind)
        vault.ledger.withLock { vault.retire(id, in: table, ledger: &$0) }
      }
    }
  }
}

import Base

extension Store {
  /// The place of the client with this address, for as long as it has connections. Its address is a name like others: there may
  /// be no place for it.
  package func openClient(address: String) -> ClientPlace {
    let text = Array(address.utf8)
    return text.withUnsafeBytes { text in
      let name = UsageName(text, seed: vault.configuration.hashSeed)
      return vault.ledger.withLock { ledger in
        let place = ledger.usage.clients.enter(name, now: ledger.latestNow)
        ledger.usage.clients.update(place) { $0.connections += 1 }
        return ClientPlace(number: place)
      }
    }
  }

  package func closeClient(_ client: ClientPlace) {
    guard client.number != NameTable.nonePlace else { return }
    vault.ledger.withLock { $0.usage.clients.update(client.number) { $0.connections -= 1 } }
  }

  /// What is known of each name of a group, those without one first.
  package func usage(of group: UsageGroup) -> [UsageFigures] {
    var rows = NameRows(group)
    vault.ledger.withLock { ledger in
      switch group {
      case .model: ledger.usage.models.copy(into: &rows)
      case .tag: ledger.usage.tags.copy(into: &rows)
      case .client: ledger.usage.clients.copy(into: &rows)
      }
    }
    return rows.figures(vault.usage)
  }

  package var policy: EvictionPolicy { vault.configuration.policy }

  /// How old chunks were that left memory to make room, since they came into it and since their last use; and how much later
  /// they were asked for again. In the histogram's microseconds, which stand for seconds.
  package func withLifetimes<Result>(_ body: (borrowing Histogram) -> Result) -> Result { body(vault.lifetimes) }
  package func withIdleTimes<Result>(_ body: (borrowing Histogram) -> Result) -> Result { body(vault.idleTimes) }
}

/// Where a client is counted.
package struct ClientPlace: Sendable {
  package static let none = ClientPlace(number: 0)
  let number: UInt8
}

extension Histogram {
  /// Ages: what it has for microseconds are seconds here.
  func record(tenths: Int) { record(nanoseconds: UInt64(tenths) * 100) }
}

import Base
import Policy
import Store

/// What `/stats` says beside what all status pages say: the state of the store in one small object. `proto/http.md` has the
/// contract.
enum StatsPage {
  static func parts(_ numbers: ServerSnapshot, of store: Store) -> [() -> String] {
    [
      { server(numbers) },
      { self.store(numbers, of: store) },
      { counts(numbers) },
      { "\"models\": " + rows(store.usage(of: .model), name: "model") },
      { "\"tags\": " + rows(store.usage(of: .tag), name: "tag") },
      { "\"clients\": " + rows(store.usage(of: .client), name: "client", more: clientFields) },
    ]
  }

  private static func server(_ numbers: ServerSnapshot) -> String {
    JSONText.fields([
      ("loops", "\(numbers.loops)"),
      ("driver", JSONText.quoted(numbers.identity.driver)),
      ("driver_reason", JSONText.quoted(numbers.identity.driverReason)),
      ("loop_lag_longest_seconds", "\(Double(numbers.loopLagLongest.max() ?? 0) / 1e9)"),
      (
        "connections",
        JSONText.object(
          ConnectionProtocol.allCases.map { ("\($0.label)", "\(numbers.open($0))") }
            + [("max", "\(numbers.connectionsMax)")])
      ),
    ])
  }

  private static func store(_ numbers: ServerSnapshot, of store: Store) -> String {
    let books = numbers.store.books
    let held = store.usage(of: .model).map(\.holdings)
    func tier(_ name: String, chunks: Int, bytes: Int, hits: UInt64, hitBytes: UInt64) -> String {
      JSONText.object([
        ("tier", JSONText.quoted(name)), ("chunks", "\(chunks)"), ("bytes", "\(bytes)"), ("hits", "\(hits)"),
        ("hit_bytes", "\(hitBytes)"),
      ])
    }
    let memory = tier(
      "memory", chunks: held.reduce(0) { $0 + $1.chunks }, bytes: held.reduce(0) { $0 + $1.bytes },
      hits: numbers.store.memoryHits, hitBytes: numbers.store.memoryHitBytes)
    // The disk holds copies of what is in memory, too: here it is counted for what only it has.
    let disk = tier(
      "disk", chunks: held.reduce(0) { $0 + $1.awayChunks }, bytes: held.reduce(0) { $0 + $1.awayBytes },
      hits: numbers.store.diskHits, hitBytes: numbers.store.diskHitBytes)
    return JSONText.fields([
      (
        "memory",
        JSONText.object([
          ("budget_bytes", "\(books.budgetBytes)"), ("used_bytes", "\(books.usedBytes)"),
          ("used_bytes_high_water", "\(books.usedBytesHighWater)"), ("in_flight_bytes", "\(books.inFlightBytes)"),
          ("in_flight_bodies", "\(books.inFlightBodies)"), ("leased_bytes", "\(books.leasedBytes)"),
        ])
      ),
      ("tiers", JSONText.array(numbers.disk == nil ? [memory] : [memory, disk])),
      ("policy", policy(numbers, of: store)),
    ])
  }

  private static func policy(_ numbers: ServerSnapshot, of store: Store) -> String {
    var fields = [
      ("name", JSONText.quoted(store.policy.rawValue)), ("lease_seconds", "\(numbers.store.leaseSeconds)"),
    ]
    if let figures = numbers.store.policy {
      fields += [
        ("trusted", "\(figures.isTrusted)"), ("prompts_mixed", "\(figures.areMixed)"),
        ("classes_alike", "\(figures.areAlike)"),
        (
          "prompts_found",
          JSONText.object(PolicyFigures.Found.allCases.map { ("\($0)", "\(figures.prompts[$0.rawValue])") })
        ),
        ("found_share_by_quarters_of_room", JSONText.array(figures.curve.map { "\($0)" })),
      ]
    }
    return JSONText.object(fields)
  }

  private static func counts(_ numbers: ServerSnapshot) -> String {
    let store = numbers.store
    return JSONText.fields([
      (
        "lookups",
        JSONText.object([
          ("hit", "\(store.lookupHits)"), ("miss", "\(store.lookupMisses)"), ("refused", "\(store.leasesRefused)"),
        ])
      ),
      ("fetches", JSONText.object([("hit", "\(store.hits)"), ("miss", "\(store.misses)")])),
      (
        "puts",
        JSONText.object([
          ("stored", "\(store.published)"), ("stored_bytes", "\(store.publishedBytes)"),
          ("overwrites", "\(store.overwrites)"), ("dropped", "\(store.drops.total)"),
        ])
      ),
      ("evictions", JSONText.object(store.evicted.map { ($0.reason, "\($0.count)") })),
      ("leases_broken", "\(store.leasesBroken)"),
      ("received_bytes", "\(numbers.bytesReceived)"),
      ("sent_bytes", "\(numbers.bytesSent)"),
      ("refusals", "\(numbers.refusals.total)"),
    ])
  }

  private static func rows(
    _ rows: [UsageFigures], name: String, more: (UsageFigures) -> [(String, String)] = { _ in [] }
  ) -> String {
    JSONText.array(
      rows.map { row in
        let held = row.holdings
        return JSONText.object(
          [
            (name, JSONText.quoted(row.label)), ("named", "\(row.isNamed)"),
            ("memory_chunks", "\(held.chunks)"), ("memory_bytes", "\(held.bytes)"),
            ("disk_chunks", "\(held.awayChunks)"), ("disk_bytes", "\(held.awayBytes)"),
            ("puts", "\(row[.puts])"), ("put_bytes", "\(row[.putBytes])"),
            ("lookup_hits", "\(row[.lookupsFound])"), ("lookup_misses", "\(row[.lookupsMissed])"),
            ("fetch_hits", "\(row[.fetchesFound])"), ("fetch_misses", "\(row[.fetchesMissed])"),
            ("fetched_bytes", "\(row[.fetchedBytes])"),
          ] + more(row))
      })
  }

  private static func clientFields(_ row: UsageFigures) -> [(String, String)] {
    [
      ("connections", "\(row.holdings.connections)"), ("hits_of_own", "\(row[.fetchedOwn])"),
      ("hits_of_others", "\(row[.fetchedOthers])"), ("read_by_others", "\(row[.fetchedByOthers])"),
    ]
  }
}

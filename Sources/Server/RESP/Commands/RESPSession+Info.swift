import Base
import Store
import IO
import Wire

/// INFO and CONFIG GET: what tools ask a Redis about, answered for this server.
extension RESPSession {
  private enum Section: String, CaseIterable {
    case server, clients, memory, stats, replication, cluster, keyspace
  }

  func info() {
    var wanted = Set<Section>()
    var index = 1
    while index < argumentCount {
      let word = String(decoding: argument(index), as: UTF8.self).lowercased()
      if ["all", "default", "everything"].contains(word) { wanted.formUnion(Section.allCases) }
      if let section = Section(rawValue: word) { wanted.insert(section) }
      index += 1
    }
    if argumentCount == 1 { wanted.formUnion(Section.allCases) }
    let sections = Section.allCases.filter(wanted.contains).map { text(of: $0) }
    reply(verbatim: sections.joined(separator: "\r\n"))
  }

  private func text(of section: Section) -> String {
    let title = "# " + section.rawValue.prefix(1).uppercased() + section.rawValue.dropFirst()
    return ([title] + fields(of: section).map { "\($0):\($1)" }).map { $0 + "\r\n" }.joined()
  }

  private func fields(of section: Section) -> [(String, String)] {
    let server = worker.server
    switch section {
    case .server:
      let uptime = (loop.now - server.identity.startedAt) / 1_000_000_000
      return [
        ("redis_version", "\(RESPGreeting.redisVersion)"), ("redis_mode", "standalone"),
        ("lmcache_server_version", server.identity.version), ("run_id", server.runID),
        ("multiplexing_api", server.identity.driver),
        ("tcp_port", "\(PeerAddress.port(of: connection.descriptor, .own))"), ("uptime_in_seconds", "\(uptime)"),
        ("uptime_in_days", "\(uptime / 86_400)"),
      ]
    case .clients:
      return [
        ("connected_clients", "\(server.openConnections)"), ("maxclients", "\(server.connectionsMax)"),
        ("blocked_clients", "0"),
      ]
    case .memory:
      let books = server.store.snapshot(now: loop.now)
      return [
        ("used_memory", "\(books.usedBytes)"), ("used_memory_peak", "\(books.usedBytesHighWater)"),
        ("maxmemory", "\(books.budgetBytes)"), ("maxmemory_policy", "allkeys-lru"),
      ]
    case .stats:
      func sum(_ value: (Worker) -> UInt64) -> String { "\(server.workers.reduce(0) { $0 + value($1) })" }
      return [
        ("total_connections_received", sum { $0.metrics.opened.value(.unknown) }),
        ("total_commands_processed", sum(requests)),
        ("total_net_input_bytes", sum { $0.metrics.bytesReceived.value }),
        ("total_net_output_bytes", sum { $0.metrics.bytesSent.value }),
        ("expired_keys", sum { $0.lane.counters.expired.value }),
        ("keyspace_hits", sum { $0.lane.counters.hits.value }),
        ("keyspace_misses", sum { $0.lane.counters.misses.value }),
        (
          "evicted_keys",
          sum { $0.lane.counters.evictedForPages.value + $0.lane.counters.evictedForTables.value }
        ),
      ]
    case .replication:
      return [
        ("role", "master"), ("connected_slaves", "0"), ("master_replid", server.runID), ("master_repl_offset", "0"),
      ]
    // Cluster clients ask before they take the slots of CLUSTER SLOTS for true; CONFIG GET says the same.
    case .cluster: return [("cluster_enabled", "1")]
    case .keyspace:
      let count = lane.nameCount()
      return count > 0 ? [("db0", "keys=\(count),expires=0,avg_ttl=0")] : []
    }
  }

  /// Of every protocol: it is one store.
  private func requests(of worker: Worker) -> UInt64 {
    RequestOutcome.allCases.reduce(0) { $0 + worker.metrics.requests.value($1) }
  }

  // MARK: CONFIG

  func configGet() {
    let shown = settings.compactMap { setting in
      pattern(matching: setting.0).map { (name: shownName($0, of: setting.0), value: setting.1) }
    }
    reply { $0.map(shown.count, into: &$1) }
    for (name, value) in shown {
      reply(bulk: name)
      reply(bulk: value)
    }
  }

  private func pattern(matching setting: String) -> UnsafeRawBufferPointer? {
    var setting = setting
    return setting.withUTF8 { name in
      (2..<argumentCount).lazy.map(argument).first {
        RESPPattern(bytes: $0, ignoresCase: true).matches(UnsafeRawBufferPointer(name))
      }
    }
  }

  /// A name that was asked for by itself comes back as it was written.
  private func shownName(_ pattern: UnsafeRawBufferPointer, of setting: String) -> String {
    let isPattern = pattern.contains { "[*?".utf8.contains($0) }
    return isPattern ? setting : String(decoding: pattern, as: UTF8.self)
  }

  private var settings: [(String, String)] {
    [
      ("appendonly", "no"), ("cluster-enabled", "yes"), ("databases", "16"),
      ("maxclients", "\(worker.server.connectionsMax)"),
      ("maxmemory", "\(worker.store.snapshot().budgetBytes)"), ("maxmemory-policy", "allkeys-lru"),
      ("port", "\(PeerAddress.port(of: connection.descriptor, .own))"),
      ("proto-max-bulk-len", "\(Limits.valueBytesMax)"), ("save", ""),
      ("tcp-keepalive", "\(Limits.keepaliveIdleSeconds)"), ("timeout", "0"),
    ]
  }
}

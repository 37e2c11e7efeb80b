import Base
import Objects
import Registry
import Store
import IO
import Wire

/// INFO and CONFIG GET: what tools ask a Redis about, answered for this server.
extension RESPSession {
  private enum Section: String, CaseIterable {
    case server, clients, memory, stats, replication, cluster, keyspace

    static let lettersMax = 11
  }

  func info() async {
    var wanted = Set<Section>()
    var index = 1
    while index < argumentCount {
      let given = argument(index)
      if given.isWord("all") || given.isWord("default") || given.isWord("everything") {
        wanted.formUnion(Section.allCases)
      } else if given.count <= Section.lettersMax, !wanted.isSuperset(of: Section.allCases) {
        let word = String(decoding: given, as: UTF8.self).lowercased()
        if let section = Section(rawValue: word) { wanted.insert(section) }
      }
      await passArgument(index)
      index += 1
    }
    if argumentCount == 1 { wanted.formUnion(Section.allCases) }
    let numbers = ServerSnapshot(of: worker.server, now: loop.now)
    let sections = Section.allCases.filter(wanted.contains).map { text(of: $0, numbers) }
    reply(verbatim: sections.joined(separator: "\r\n"))
  }

  private func text(of section: Section, _ numbers: ServerSnapshot) -> String {
    let title = "# " + section.rawValue.prefix(1).uppercased() + section.rawValue.dropFirst()
    return ([title] + fields(of: section, numbers).map { "\($0):\($1)" }).map { $0 + "\r\n" }.joined()
  }

  private func fields(of section: Section, _ numbers: ServerSnapshot) -> [(String, String)] {
    let runID = worker.server.runID
    // Behind the registry's door its books stand for the store's.
    let registry = door.registry == nil ? nil : numbers.registry?.books
    switch section {
    case .server:
      return [
        ("redis_version", "\(RESPGreeting.redisVersion)"), ("redis_mode", "standalone"),
        ("lmcache_server_version", numbers.identity.version), ("run_id", runID),
        ("multiplexing_api", numbers.identity.driver), ("tcp_port", "\(connection.transport.own?.port ?? 0)"),
        ("uptime_in_seconds", "\(numbers.uptimeSeconds)"), ("uptime_in_days", "\(numbers.uptimeSeconds / 86_400)"),
      ]
    case .clients:
      return [
        ("connected_clients", "\(numbers.openConnections)"), ("maxclients", "\(numbers.connectionsMax)"),
        ("blocked_clients", "0"),
      ]
    case .memory:
      let books = numbers.store.books
      guard let registry else {
        return [
          ("used_memory", "\(books.usedBytes)"), ("used_memory_peak", "\(books.usedBytesHighWater)"),
          ("maxmemory", "\(books.budgetBytes)"), ("maxmemory_policy", "allkeys-lru"),
        ]
      }
      return [("used_memory", "\(registry.usedBytes)"), ("maxmemory", "\(registry.budgetBytes)")]
    case .stats:
      let evicted = registry.map { UInt64($0.droppedTotal) } ?? numbers.store.evicted.reduce(0) { $0 + $1.count }
      let stats = [
        ("total_connections_received", "\(numbers.opened[.unknown])"),
        // Of every protocol: it is one server.
        ("total_commands_processed", "\(numbers.requests.total)"),
        ("total_net_input_bytes", "\(numbers.bytesReceived)"), ("total_net_output_bytes", "\(numbers.bytesSent)"),
        ("evicted_keys", "\(evicted)"),
      ]
      guard registry == nil else { return stats }
      return stats + [
        ("expired_keys", "\(numbers.store.expired)"), ("keyspace_hits", "\(numbers.store.hits)"),
        ("keyspace_misses", "\(numbers.store.misses)"),
      ]
    case .replication:
      return [
        ("role", "master"), ("connected_slaves", "0"), ("master_replid", runID), ("master_repl_offset", "0"),
      ]
    // Cluster clients ask before they take the slots of CLUSTER SLOTS for true; CONFIG GET says the same.
    case .cluster: return [("cluster_enabled", registry == nil ? "1" : "0")]
    case .keyspace:
      // How much there is of others is not for users of some keys.
      let count = registry?.entries ?? (identity.user.reachesAll([]) ? lane.nameCount() : 0)
      return count > 0 ? [("db0", "keys=\(count),expires=0,avg_ttl=0")] : []
    }
  }

  // MARK: CONFIG

  func configGet() async {
    let settings = settings
    // Of each setting the first argument that names it.
    var matching = [Int?](repeating: nil, count: settings.count)
    var steps = Limits.respMatchStepsPerTurn
    for index in 2..<argumentCount {
      let pattern = RESPPattern(bytes: argument(index), ignoresCase: true)
      guard !pattern.isTooLong else { return reply(error: "ERR a pattern has up to 1024 bytes here") }
      for place in settings.indices where matching[place] == nil {
        var name = settings[place].0
        var progress = RESPPattern.Progress()
        var isMatch: Bool?
        while true {
          isMatch = name.withUTF8 { pattern.matches(UnsafeRawBufferPointer($0), &progress, steps: &steps) }
          if isMatch != nil { break }
          await loop.bulkTurn(bytes: Limits.sliceBytes)
          steps = Limits.respMatchStepsPerTurn
        }
        if isMatch == true { matching[place] = index }
      }
    }
    reply { $0.map(matching.reduce(0) { $0 + ($1 == nil ? 0 : 1) }, into: &$1) }
    for (setting, index) in zip(settings, matching) {
      guard let index else { continue }
      reply(bulk: shownName(argument(index), of: setting.0))
      reply(bulk: setting.1)
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
      ("port", "\(connection.transport.own?.port ?? 0)"),
      ("proto-max-bulk-len", "\(Limits.valueBytesMax)"), ("save", ""),
      ("tcp-keepalive", "\(Limits.keepaliveIdleSeconds)"), ("timeout", "0"),
    ]
  }
}

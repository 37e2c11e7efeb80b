import Base
import IO
import Store

/// Gathers what the server knows of itself. Reads counters that others write; takes no lock that a request waits for long.
enum MetricsCollector {
  static func collect(_ server: Server, now: UInt64) -> [MetricFamily] {
    identity(server, now: now) + memory(server.store.snapshot(now: now)) + lending(server) + requests(server)
      + connections(server)
      + eviction(server) + registry(server) + announcing(server)
      + durations(server)
  }

  private static func identity(_ server: Server, now: UInt64) -> [MetricFamily] {
    let identity = server.identity
    return congestion(server) + [
      MetricFamily(
        name: "lmcache_server_info", help: "Version and boot id; another boot id means that the memory was lost.",
        kind: .gauge,
        samples: [
          .init(labels: [("version", identity.version), ("boot_id", identity.bootID)], value: "1")
        ]),
      MetricFamily(
        name: "lmcache_server_io_driver_info", help: "Which driver moves bytes, and why this one.", kind: .gauge,
        samples: [.init(labels: [("driver", identity.driver), ("reason", identity.driverReason)], value: "1")]),
      .single("lmcache_server_uptime_seconds", .gauge, "Since the start.", (now - identity.startedAt) / 1_000_000_000),
      .single("lmcache_server_loops", .gauge, "Event loops.", server.workers.count),
    ]
  }

  private static func congestion(_ server: Server) -> [MetricFamily] {
    guard let congestion = server.congestion else { return [] }
    return [
      MetricFamily(
        name: "lmcache_server_congestion_info",
        help: "The host's congestion control, and what connections from this host and from others get.", kind: .gauge,
        samples: [
          .init(
            labels: [
              ("host", congestion.host), ("local", congestion.local), ("remote", congestion.remote),
              ("reason", congestion.reason),
            ],
            value: "1")
        ])
    ]
  }

  private static func memory(_ books: StoreSnapshot) -> [MetricFamily] {
    [
      .single(
        "lmcache_server_memory_budget_bytes", .gauge, "The budget in force: what everything below may add up to.",
        books.budgetBytes),
      .single("lmcache_server_memory_used_bytes", .gauge, "Pages, index and buffers together.", books.usedBytes),
      .single(
        "lmcache_server_memory_used_bytes_high_water", .gauge, "The most that was ever in use.",
        books.usedBytesHighWater),
      MetricFamily(
        name: "lmcache_server_memory_bytes", help: "What the memory in use is used for.", kind: .gauge,
        samples: [
          .init(labels: [("use", "pages")], value: "\(books.pageBytes)"),
          .init(labels: [("use", "index")], value: "\(books.recordBytes + books.indexBytes + books.fixedBytes)"),
          .init(labels: [("use", "buffers")], value: "\(books.chargedBytes)"),
        ]),
      .single("lmcache_server_objects", .gauge, "Chunks held.", books.objects),
      .single(
        "lmcache_server_in_flight_bytes", .gauge, "Pages of bodies that are still arriving.", books.inFlightBytes),
      .single("lmcache_server_in_flight_bodies", .gauge, "Bodies that are still arriving.", books.inFlightBodies),
      .single("lmcache_server_leased_bytes", .gauge, "Bytes of chunks that a lookup has promised.", books.leasedBytes),
      .single("lmcache_server_populated_bytes", .gauge, "Value memory backed by real pages.", books.populatedBytes),
    ]
  }

  private static func requests(_ server: Server) -> [MetricFamily] {
    [
      MetricFamily(
        name: "lmcache_server_requests_total", help: "Requests by command, how they ended, and protocol.",
        kind: .counter,
        samples: RequestOutcome.allCases.map { outcome in
          .init(
            labels: [
              ("command", "\(outcome.command)"), ("outcome", "\(outcome.outcome)"),
              ("protocol", "\(outcome.spoken.label)"),
            ],
            value: "\(sum(server) { $0.metrics.requests.value(outcome) })")
        }),
      .single(
        "lmcache_server_received_bytes_total", .counter, "Bytes received from clients.",
        sum(server) { $0.metrics.bytesReceived.value }),
      .single(
        "lmcache_server_sent_bytes_total", .counter, "Bytes sent to clients.",
        sum(server) { $0.metrics.bytesSent.value }),
      .single(
        "lmcache_server_drained_bytes_total", .counter, "Body bytes received only to be dropped.",
        sum(server) { $0.metrics.bytesDrained.value }),
    ]
  }

  private static func connections(_ server: Server) -> [MetricFamily] {
    [
      MetricFamily(
        name: "lmcache_server_connections", help: "Open connections by protocol.", kind: .gauge,
        samples: ConnectionProtocol.allCases.map { spoken in
          let opened = sum(server) { $0.metrics.opened.value(spoken) }
          let closed = sum(server) { $0.metrics.closed.value(spoken) }
          return .init(labels: [("protocol", "\(spoken.label)")], value: "\(opened > closed ? opened - closed : 0)")
        }),
      MetricFamily(
        name: "lmcache_server_connections_total", help: "Connections ever opened, by protocol.", kind: .counter,
        samples: ConnectionProtocol.allCases.map { spoken in
          .init(
            labels: [("protocol", "\(spoken.label)")], value: "\(sum(server) { $0.metrics.opened.value(spoken) })")
        }),
      MetricFamily(
        name: "lmcache_server_refusals_total", help: "Connections and requests turned away or cut off, by reason.",
        kind: .counter,
        samples: Refusal.allCases.map { refusal in
          .init(
            labels: [("reason", "\(refusal.label)")], value: "\(sum(server) { $0.metrics.refusals.value(refusal) })")
        }),
      .single(
        "lmcache_server_accept_pauses_total", .counter,
        "Times that accepting rested for want of descriptors or memory.",
        sum(server) { $0.metrics.acceptPauses.value }),
      .single(
        "lmcache_server_log_lines_dropped_total", .counter, "Log lines lost because nobody read them fast enough.",
        server.log.droppedTotal),
    ]
  }

  private static func eviction(_ server: Server) -> [MetricFamily] {
    [
      MetricFamily(
        name: "lmcache_server_evictions_total", help: "Chunks that gave way, by what for.", kind: .counter,
        samples: EvictionReason.allCases.map { reason in
          .init(labels: [("for", "\(reason)")], value: "\(server.store.evicted(for: reason))")
        }),
      MetricFamily(
        name: "lmcache_server_dropped_puts_total", help: "Bodies that were not kept, by reason.", kind: .counter,
        samples: DropReason.allCases.map { reason in
          .init(
            labels: [("reason", "\(reason.label)")], value: "\(sum(server) { $0.lane.counters.drops(reason) })")
        }),
      .single(
        "lmcache_server_published_total", .counter, "Chunks stored.", sum(server) { $0.lane.counters.published.value }),
      .single(
        "lmcache_server_overwrites_total", .counter, "Chunks stored over an older one.",
        sum(server) { $0.lane.counters.overwrites.value }),
      .single(
        "lmcache_server_leases_granted_total", .counter, "Lookups that promised the chunk, or prolonged its promise.",
        sum(server) { $0.lane.counters.leasesGranted.value }),
      .single(
        "lmcache_server_leases_refused_total", .counter,
        "Lookups answered no although the chunk was there, because it might have gone before it was fetched.",
        sum(server) { $0.lane.counters.leasesRefused.value }),
      MetricFamily(
        name: "lmcache_server_leases_broken_total",
        help: "GETs that missed within what a lookup had promised: evicted must be 0, removed is a client's own doing.",
        kind: .counter,
        samples: [
          .init(labels: [("cause", "evicted")], value: "\(sum(server) { $0.lane.counters.leasesBroken.value })"),
          .init(labels: [("cause", "removed")], value: "\(sum(server) { $0.lane.counters.leasesWithdrawn.value })"),
        ]),
      .single(
        "lmcache_server_misses_after_fetch_total", .counter,
        "GETs that missed soon after a lookup, of a chunk that had been fetched in between.",
        sum(server) { $0.lane.counters.missesAfterFetch.value }),
      .single(
        "lmcache_server_lease_seconds", .gauge, "How long a lookup promises a chunk at present.",
        server.store.promiseSeconds),
    ]
  }

  private static func durations(_ server: Server) -> [MetricFamily] {
    var samples: [MetricFamily.Sample] = []
    for command in TimedCommand.allCases {
      samples += histogram(labels: [("command", "\(command.label)")]) { read in
        sum(server) { $0.metrics.withHistogram(command, read) }
      }
    }
    return [
      MetricFamily(
        name: "lmcache_server_request_duration_seconds",
        help: "From a request's arrival to the end of its reply, or of its body; by RESP until the reply is made.",
        kind: .histogram, samples: samples),
      MetricFamily(
        name: "lmcache_server_lookup_to_fetch_seconds",
        help: "From the lookup of a chunk to its first fetch behind it.", kind: .histogram,
        samples: histogram(labels: []) { read in sum(server) { read($0.lane.counters.gaps) } }),
    ]
  }

  private static func histogram(
    labels: [(name: String, value: String)], _ total: ((borrowing Histogram) -> UInt64) -> UInt64
  ) -> [MetricFamily.Sample] {
    var samples = (0..<Histogram.boundCount).map { bound in
      MetricFamily.Sample(
        suffix: "_bucket", labels: labels + [("le", "\(Double(Histogram.boundNanoseconds(bound)) / 1e9)")],
        value: "\(total { $0.cumulative(upTo: bound) })")
    }
    let all = "\(total { $0.cumulative(upTo: Histogram.boundCount) })"
    samples.append(.init(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: all))
    samples.append(.init(suffix: "_sum", labels: labels, value: "\(Double(total { $0.sumNanoseconds }) / 1e9)"))
    samples.append(.init(suffix: "_count", labels: labels, value: all))
    return samples
  }

  static func sum(_ server: Server, _ value: (Worker) -> UInt64) -> UInt64 {
    server.workers.reduce(0) { $0 + value($1) }
  }
}

import Base
import IO
import Registry
import Store

/// What the numbers of a snapshot are called outside, and what is said of them there.
enum MetricFamilies {
  /// In parts of which each takes a fraction of a millisecond to work out: a loop has other things to do.
  static func parts(_ numbers: ServerSnapshot, of store: Store) -> [() -> [MetricFamily]] {
    [
      { identity(numbers) + memory(numbers.store.books) + lending(numbers) },
      { requests(numbers) + connections(numbers) + eviction(numbers.store) + leases(numbers.store) },
      { QuotaFamilies.all(numbers.store.quotas) },
      { numbers.store.policy.map(PolicyFamilies.all) ?? [] },
      { numbers.disk.map(DiskFamilies.all) ?? [] },
      { (numbers.registry.map(registry) ?? []) + (numbers.announcer.map(announcing) ?? []) },
      { numbers.tls.map(TLSFamilies.all) ?? [] },
      { durations(numbers) },
      { TrafficFamilies.all(numbers) },
    ] + UsageFamilies.parts(of: store)
  }

  private static func identity(_ numbers: ServerSnapshot) -> [MetricFamily] {
    let identity = numbers.identity
    let congestion = numbers.congestion.map {
      MetricFamily(
        "congestion_info", "The host's congestion control, and what connections from this host and from others get.",
        facts: [("host", $0.host), ("local", $0.local), ("remote", $0.remote), ("reason", $0.reason)])
    }
    return [congestion].compactMap { $0 } + [
      MetricFamily(
        "info", "Version and boot id; another boot id means that the memory was lost.",
        facts: [("version", identity.version), ("boot_id", identity.bootID)]),
      MetricFamily(
        "io_driver_info", "Which driver moves bytes, and why this one.",
        facts: [("driver", identity.driver), ("reason", identity.driverReason)]),
      MetricFamily("uptime_seconds", .gauge, "Since the start.", numbers.uptimeSeconds),
      MetricFamily("loops", .gauge, "Event loops.", numbers.loops),
    ]
  }

  private static func memory(_ books: StoreSnapshot) -> [MetricFamily] {
    [
      MetricFamily(
        "memory_budget_bytes", .gauge, "The budget in force: what everything below may add up to.", books.budgetBytes),
      MetricFamily("memory_used_bytes", .gauge, "Pages, index and buffers together.", books.usedBytes),
      MetricFamily(
        "memory_used_bytes_high_water", .gauge, "The most that was ever in use.", books.usedBytesHighWater),
      MetricFamily(
        "memory_bytes", .gauge, "What the memory in use is used for.", by: "use",
        [
          ("pages", books.pageBytes), ("index", books.recordBytes + books.indexBytes + books.fixedBytes),
          ("buffers", books.chargedBytes),
        ]),
      MetricFamily("objects", .gauge, "Chunks held, in memory or on disk.", books.objects),
      MetricFamily("in_flight_bytes", .gauge, "Pages of bodies that are still arriving.", books.inFlightBytes),
      MetricFamily("in_flight_bodies", .gauge, "Bodies that are still arriving.", books.inFlightBodies),
      MetricFamily("leased_bytes", .gauge, "Bytes of chunks that a lookup has promised.", books.leasedBytes),
      MetricFamily("populated_bytes", .gauge, "Value memory backed by real pages.", books.populatedBytes),
    ]
  }

  /// What leaves without being copied, and the memory that this takes.
  private static func lending(_ numbers: ServerSnapshot) -> [MetricFamily] {
    let store = numbers.store
    let headroom = store.headroomBytes.map {
      MetricFamily(
        "lending_headroom_bytes", .gauge,
        "What readers may still keep of memory that was replaced; without any, values are copied.", $0)
    }
    return [
      MetricFamily(
        "lent_bytes_total", .counter, "Bytes sent to clients from their pages, without being copied.",
        numbers.bytesLent),
      MetricFamily(
        "renewed_bytes_total", .counter, "Memory that was sent from without a copy, and replaced before its next use.",
        store.renewedBytes),
      MetricFamily(
        "unrenewed_bytes_total", .counter,
        "Memory that was sent from without a copy, and given back because the system had too little to replace it.",
        store.unrenewedBytes),
      MetricFamily(
        "lending_pauses_total", .counter, "Times that values were copied from then on because memory was short.",
        store.lendingPauses),
    ] + [headroom].compactMap { $0 }
  }

  private static func requests(_ numbers: ServerSnapshot) -> [MetricFamily] {
    [
      MetricFamily(
        "requests_total", .counter, "Requests by command, how they ended, and protocol.",
        RequestOutcome.allCases.map { outcome in
          .init(
            labels: [
              ("command", "\(outcome.command)"), ("outcome", "\(outcome.outcome)"),
              ("protocol", "\(outcome.spoken.label)"),
            ],
            value: "\(numbers.requests[outcome])")
        }),
      MetricFamily("received_bytes_total", .counter, "Bytes received from clients.", numbers.bytesReceived),
      MetricFamily("sent_bytes_total", .counter, "Bytes sent to clients.", numbers.bytesSent),
      MetricFamily(
        "drained_bytes_total", .counter, "Body bytes received only to be dropped.", numbers.bytesDrained),
    ]
  }

  private static func connections(_ numbers: ServerSnapshot) -> [MetricFamily] {
    [
      MetricFamily(
        "connections", .gauge, "Open connections by protocol.", by: "protocol",
        ConnectionProtocol.allCases.map { ("\($0.label)", numbers.open($0)) }),
      MetricFamily(
        "connections_total", .counter, "Connections ever opened, by protocol.", by: "protocol",
        ConnectionProtocol.allCases.map { ("\($0.label)", numbers.opened[$0]) }),
      MetricFamily(
        "refusals_total", .counter, "Connections and requests turned away or cut off, by reason.", by: "reason",
        Refusal.allCases.map { ("\($0.label)", numbers.refusals[$0]) }),
      MetricFamily(
        "accept_pauses_total", .counter, "Times that accepting rested for want of descriptors or memory.",
        numbers.acceptPauses),
      MetricFamily(
        "log_lines_dropped_total", .counter, "Log lines lost because nobody read them fast enough.",
        numbers.logLinesDropped),
    ]
  }

  private static func eviction(_ store: StoreNumbers) -> [MetricFamily] {
    [
      MetricFamily(
        "evictions_total", .counter, "Chunks that gave way, by what for.", by: "for",
        store.evicted.map { ($0.reason, $0.count) }),
      MetricFamily(
        "dropped_puts_total", .counter, "Bodies that were not kept, by reason.", by: "reason",
        DropReason.allCases.map { ("\($0.label)", store.drops[$0]) }),
      MetricFamily("published_total", .counter, "Chunks stored.", store.published),
      MetricFamily("overwrites_total", .counter, "Chunks stored over an older one.", store.overwrites),
    ]
  }

  private static func leases(_ store: StoreNumbers) -> [MetricFamily] {
    [
      MetricFamily(
        "leases_granted_total", .counter, "Lookups that promised the chunk, or prolonged its promise.",
        store.leasesGranted),
      MetricFamily(
        "leases_refused_total", .counter,
        "Lookups answered no although the chunk was there, because it might have gone before it was fetched.",
        store.leasesRefused),
      MetricFamily(
        "leases_broken_total", .counter,
        "GETs that missed within what a lookup had promised: evicted must be 0, removed is a client's own doing.",
        by: "cause", [("evicted", store.leasesBroken), ("removed", store.leasesWithdrawn)]),
      MetricFamily(
        "misses_after_fetch_total", .counter,
        "GETs that missed soon after a lookup, of a chunk that had been fetched in between.", store.missesAfterFetch),
      MetricFamily("lease_seconds", .gauge, "How long a lookup promises a chunk at present.", store.leaseSeconds),
    ]
  }

  private static func registry(_ registry: RegistryNumbers) -> [MetricFamily] {
    let books = registry.books
    return [
      MetricFamily("registry_budget_bytes", .gauge, "What the registry's entries may take.", books.budgetBytes),
      MetricFamily("registry_used_bytes", .gauge, "What they take, tables and gaps included.", books.usedBytes),
      MetricFamily("registry_gap_bytes", .gauge, "Of that, what waits to be closed up.", books.gapBytes),
      MetricFamily("registry_entries", .gauge, "Entries held.", books.entries),
      MetricFamily(
        "registry_dropped_total", .counter, "Entries that gave way because the registry's budget was spent.",
        books.droppedTotal),
      MetricFamily(
        "registry_owners", .gauge, "Owners that have entries, by what is known of them.", by: "state",
        OwnerState.allCases.map { ("\($0.label)", books.owners($0)) }),
      MetricFamily(
        "registry_lookups_total", .counter, "Keys looked up, by what came of it.", by: "outcome",
        LookupOutcome.allCases.map { ("\($0.label)", registry.lookups[$0]) }),
      MetricFamily(
        "registry_registrations_total", .counter, "Keys entered and removed, by what came of it.", by: "outcome",
        RegistrationOutcome.allCases.map { ("\($0.label)", registry.registrations[$0]) }),
      MetricFamily(
        "registry_checks_total", .counter, "Looks after owners, by what was found.", by: "outcome",
        OwnerCheckOutcome.allCases.map { ("\($0.label)", registry.checks[$0]) }),
    ]
  }

  private static func announcing(_ announcer: AnnouncerNumbers) -> [MetricFamily] {
    [
      MetricFamily(
        "announce_connected", .gauge, "1 while chunks are announced in the registry elsewhere.",
        announcer.isConnected ? 1 : 0),
      MetricFamily(
        "announce_published_total", .counter, "Chunks announced, repetitions included.", announcer.published),
      MetricFamily(
        "announce_withdrawn_total", .counter, "Announcements withdrawn, repetitions included.", announcer.withdrawn),
      MetricFamily(
        "announce_complete_total", .counter, "Times that every chunk was announced.", announcer.complete),
      MetricFamily(
        "announce_overflows_total", .counter, "Times that news was lost, and everything told anew.",
        announcer.overflows),
      MetricFamily(
        "announce_failures_total", .counter, "Connections that failed or were refused.", announcer.failures),
    ]
  }

  static func histogram(_ name: String, _ help: String, _ durations: Durations) -> MetricFamily {
    MetricFamily(name, .histogram, help, samples(of: durations, labels: []))
  }

  /// Where the histogram's microseconds stand for seconds.
  static func ages(_ name: String, _ help: String, _ durations: Durations) -> MetricFamily {
    MetricFamily(name, .histogram, help, samples(of: durations, labels: [], perSecond: 1e3))
  }

  private static func durations(_ numbers: ServerSnapshot) -> [MetricFamily] {
    [
      MetricFamily(
        "request_duration_seconds", .histogram,
        "From a request's arrival to the end of its reply, or of its body; by RESP until the reply is made.",
        numbers.durations.flatMap { samples(of: $0.durations, labels: [("command", "\($0.command.label)")]) }),
      MetricFamily(
        "lookup_to_fetch_seconds", .histogram, "From the lookup of a chunk to its first fetch behind it.",
        samples(of: numbers.store.lookupToFetch, labels: [])),
    ]
  }

  private static func samples(
    of durations: Durations, labels: [(name: String, value: String)], perSecond: Double = 1e9
  ) -> [MetricFamily.Sample] {
    let all = "\(durations.upToBound[Histogram.boundCount])"
    var samples = (0..<Histogram.boundCount).map { bound in
      MetricFamily.Sample(
        suffix: "_bucket", labels: labels + [("le", "\(Double(Histogram.boundNanoseconds(bound)) / perSecond)")],
        value: "\(durations.upToBound[bound])")
    }
    samples.append(.init(suffix: "_bucket", labels: labels + [("le", "+Inf")], value: all))
    samples.append(.init(suffix: "_sum", labels: labels, value: "\(Double(durations.sumNanoseconds) / perSecond)"))
    samples.append(.init(suffix: "_count", labels: labels, value: all))
    return samples
  }
}

/// How quotas stand: a series for each, of which an operator has named every one.
enum QuotaFamilies {
  static func all(_ quotas: [QuotaFigures]) -> [MetricFamily] {
    guard !quotas.isEmpty else { return [] }
    return [
      MetricFamily(
        "quota_limit_bytes", .gauge, "The most memory that chunks of a quota may take.", by: "quota",
        quotas.map { ($0.name, $0.bytesMax) }),
      MetricFamily(
        "quota_bytes", .gauge, "Memory that chunks of a quota take, those that arrive among them.", by: "quota",
        quotas.map { ($0.name, $0.bytes) }),
      MetricFamily(
        "quota_chunks", .gauge, "Chunks of a quota in memory.", by: "quota", quotas.map { ($0.name, $0.chunks) }),
      MetricFamily(
        "quota_evictions_total", .counter, "Chunks that left memory for others of their quota.", by: "quota",
        quotas.map { ($0.name, $0.evicted) }),
      MetricFamily(
        "quota_drops_total", .counter, "Bodies that were not kept because their quota had no room.", by: "quota",
        quotas.map { ($0.name, $0.dropped) }),
    ]
  }
}

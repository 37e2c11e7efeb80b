import Base
import Wire

/// What a server says of itself on its page `/stats`. Figures that it does not have are 0.
struct ServerFigures: Equatable {
  struct Tier: Equatable {
    let name: String
    let chunks, bytes: Double
  }

  struct Disk: Equatable {
    let path, state, reason: String
    let segmentsLoaded, segments, records: Double
    /// From `/metrics`; counted since the start.
    var written: Double?
    var read: Double?
  }

  /// What is counted of a model, a tag or a client.
  struct Row: Equatable {
    let name: String
    let memoryChunks, memoryBytes, diskBytes, puts, lookupHits, lookupMisses, fetchedBytes: Double

    var isEmpty: Bool { memoryChunks + diskBytes + puts + lookupHits + lookupMisses + fetchedBytes == 0 }
  }

  struct Connections: Equatable {
    let name: String
    let count: Double
  }

  let status, version, bootID, driver: String
  let uptimeSeconds, loops, lagSeconds: Double
  let connections: [Connections]
  let connectionsMax: Double
  let budgetBytes, usedBytes, usedBytesHighWater, inFlightBytes, inFlightBodies, leasedBytes: Double
  let tiers: [Tier]
  let policy: String
  let leaseSeconds: Double
  let lookupHits, lookupMisses, lookupRefused, fetchHits, fetchMisses: Double
  let puts, putBytes, overwrites, dropped: Double
  let evictions: [Connections]
  let received, sent, refusals: Double
  var disks: [Disk]
  let models, tags, clients: [Row]

  /// Whether it serves.
  var isWell: Bool { status == "ok" || status == "degraded" }
  var evicted: Double { evictions.reduce(0) { $0 + $1.count } }
  var open: Double { connections.reduce(0) { $0 + $1.count } }

  /// Nil for a page of something else.
  init?(_ page: JSONElement) {
    guard let status = page["status"]?.string, let version = page["version"]?.string, page["memory"] != nil else {
      return nil
    }
    func number(_ path: String...) -> Double {
      path.reduce(page as JSONElement?) { $0?[$1] }?.number ?? 0
    }
    (self.status, self.version) = (Self.shown(status), Self.shown(version))
    (bootID, driver) = (Self.text(page, "boot_id"), Self.text(page, "driver"))
    (uptimeSeconds, loops, lagSeconds) = (
      number("uptime_seconds"), number("loops"), number("loop_lag_longest_seconds")
    )
    let open = page["connections"]?.members ?? [:]
    connections = Self.counts(open.filter { $0.key != "max" })
    connectionsMax = number("connections", "max")
    (budgetBytes, usedBytes) = (number("memory", "budget_bytes"), number("memory", "used_bytes"))
    usedBytesHighWater = number("memory", "used_bytes_high_water")
    (inFlightBytes, inFlightBodies) = (number("memory", "in_flight_bytes"), number("memory", "in_flight_bodies"))
    leasedBytes = number("memory", "leased_bytes")
    tiers = (page["tiers"]?.elements ?? []).map {
      Tier(name: Self.text($0, "tier"), chunks: Self.number($0, "chunks"), bytes: Self.number($0, "bytes"))
    }
    (policy, leaseSeconds) = (Self.text(page["policy"] ?? .null, "name"), number("policy", "lease_seconds"))
    (lookupHits, lookupMisses) = (number("lookups", "hit"), number("lookups", "miss"))
    lookupRefused = number("lookups", "refused")
    (fetchHits, fetchMisses) = (number("fetches", "hit"), number("fetches", "miss"))
    (puts, putBytes) = (number("puts", "stored"), number("puts", "stored_bytes"))
    (overwrites, dropped) = (number("puts", "overwrites"), number("puts", "dropped"))
    evictions = Self.counts(page["evictions"]?.members ?? [:])
    (received, sent, refusals) = (number("received_bytes"), number("sent_bytes"), number("refusals"))
    disks = (page["disks"]?.elements ?? []).map(Disk.init)
    models = (page["models"]?.elements ?? []).map { Row($0, name: "model") }
    tags = (page["tags"]?.elements ?? []).map { Row($0, name: "tag") }
    clients = (page["clients"]?.elements ?? []).map { Row($0, name: "client") }
  }

  // MARK: Members

  static func number(_ element: JSONElement, _ name: String) -> Double { element[name]?.number ?? 0 }

  static func text(_ element: JSONElement, _ name: String) -> String { element[name]?.string.map(shown) ?? "" }

  /// A name may be anything that some client has sent.
  static func shown(_ text: String) -> String { LogEscape.line(Array(text.utf8.prefix(1024))) }

  /// Those that are not 0, the most first.
  private static func counts(_ members: [String: JSONElement]) -> [Connections] {
    members.map { Connections(name: shown($0.key), count: $0.value.number ?? 0) }.filter { $0.count > 0 }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}

extension ServerFigures.Disk {
  init(_ disk: JSONElement) {
    path = ServerFigures.text(disk, "path")
    state = ServerFigures.text(disk, "state")
    reason = ServerFigures.text(disk, "reason")
    segmentsLoaded = ServerFigures.number(disk, "segments_loaded")
    segments = ServerFigures.number(disk, "segments")
    records = ServerFigures.number(disk, "records")
  }
}

extension ServerFigures.Row {
  init(_ row: JSONElement, name: String) {
    self.name = ServerFigures.text(row, name)
    memoryChunks = ServerFigures.number(row, "memory_chunks")
    memoryBytes = ServerFigures.number(row, "memory_bytes")
    diskBytes = ServerFigures.number(row, "disk_bytes")
    puts = ServerFigures.number(row, "puts")
    lookupHits = ServerFigures.number(row, "lookup_hits")
    lookupMisses = ServerFigures.number(row, "lookup_misses")
    fetchedBytes = ServerFigures.number(row, "fetched_bytes")
  }
}

import Base
import Store
import Tier

/// What `/status.json` says: for the status page, and for others that draw one. `proto/http.md` has the contract.
struct StatusFeed {
  private let numbers: ServerSnapshot
  private let evidence: StatusEvidence
  private let history: StatusHistory
  private let moment: StatusMoment
  private let models: [UsageFigures]
  private let clients: [UsageFigures]
  /// Since 1970, which the page's reader lives by.
  private let wallSeconds: Int

  init(of server: Server, now: UInt64) {
    numbers = ServerSnapshot(of: server, now: now)
    moment = StatusMoment(of: server, now: now)
    models = server.store.usage(of: .model)
    clients = server.store.usage(of: .client)
    let known = server.board.look(at: moment)
    history = known.history
    wallSeconds = WallClock.seconds()
    evidence = StatusEvidence(server, numbers, moment, known, models: models, clients: clients)
  }

  /// In parts, between which others have their turns.
  func parts(_ board: StatusBoard) -> [() -> String] {
    [
      { identity },
      { verdict(board) },
      { memory + ", " + connections },
      { "\"disks\": " + JSONText.array((numbers.disk?.devices ?? []).map(disk)) },
      { "\"models\": " + JSONText.array(modelRows) },
      { "\"clients\": " + JSONText.array(clientRows) },
      { counts + ", " + recent },
      { "\"history\": " + past },
      { rooms },
    ]
  }

  private var identity: String {
    JSONText.fields([
      ("version", JSONText.quoted(numbers.identity.version)), ("now", "\(wallSeconds)"),
      ("uptime_seconds", "\(numbers.uptimeSeconds)"),
      ("driver", JSONText.quoted(numbers.identity.driver == "uring" ? "io_uring" : numbers.identity.driver)),
      ("loops", "\(numbers.loops)"),
    ])
  }

  private func verdict(_ board: StatusBoard) -> String {
    let headline = StatusJudge.headline(evidence)
    board.keep(headline.state)
    return JSONText.fields([
      (
        "headline",
        JSONText.object([
          ("state", JSONText.quoted(headline.state.rawValue)), ("title", JSONText.quoted(headline.state.title)),
          ("why", JSONText.quoted(headline.why)), ("change", headline.change.map(JSONText.quoted) ?? "null"),
        ])
      ),
      (
        "hints",
        JSONText.array(
          Hint.all(evidence).map {
            JSONText.object([
              ("id", JSONText.quoted($0.id)), ("text", JSONText.quoted($0.text)),
              ("advice", JSONText.quoted($0.advice)),
            ])
          })
      ),
    ])
  }

  private var memory: String {
    JSONText.fields([
      (
        "memory",
        JSONText.object([
          ("budget_bytes", "\(evidence.budgetBytes)"), ("used_bytes", "\(evidence.usedBytes)"),
          ("value_bytes", "\(evidence.valueBytes)"), ("chunks", "\(evidence.chunks)"),
          ("tokens", "\(models.reduce(0) { $0 + $1.holdings.leading * ($1.tokensEach ?? 0) })"),
        ])
      )
    ])
  }

  private var connections: String {
    JSONText.fields([
      (
        "connections",
        JSONText.object([
          ("now", "\(numbers.openConnections)"), ("limit", "\(numbers.connectionsMax)"),
          ("lm", "\(numbers.open(.lm))"), ("resp", "\(numbers.open(.resp))"), ("http", "\(numbers.open(.http))"),
          ("tls", "\(numbers.securedConnections)"),
        ])
      )
    ])
  }

  private func disk(_ device: DiskNumbers.Device) -> String {
    let status = device.status
    return JSONText.object([
      ("path", JSONText.quoted(device.path)),
      ("state", JSONText.quoted(status.state == .serving ? "ok" : status.state.rawValue)),
      ("reason", JSONText.quoted(status.reason)), ("size_bytes", "\(status.segments * status.segmentBytes)"),
      ("used_bytes", "\(max(0, status.livingBytes))"), ("chunks", "\(max(0, status.records))"),
      ("queue_bytes", "\(device.leavingBytes)"), ("written_bytes", "\(device.bytesWritten)"),
      ("read_bytes", "\(device.bytesRead)"),
      ("checksum_failures", "\(device.checksumFailures)"),
    ])
  }

  // MARK: Whose they are

  /// The largest first, and what has no name or found no row at the end.
  private var modelRows: [String] {
    let named = models.filter(\.isNamed).sorted { $0.holdings.allBytes > $1.holdings.allBytes }
    let shown = named.prefix(Limits.statusRowsMax - 1)
    let rest = models.filter { !$0.isNamed } + named.dropFirst(shown.count)
    var rows = shown.map { row(ofModel: $0.label, [$0]) }
    if rest.contains(where: { $0.holdings.allBytes > 0 || $0[.fetchesFound] + $0.missed > 0 }) {
      rows.append(row(ofModel: "others", rest))
    }
    return rows
  }

  private func row(ofModel name: String, _ rows: [UsageFigures]) -> String {
    func tokens(_ chunks: (UsageHoldings) -> Int) -> String { rows.tokens(of: chunks).map { "\($0)" } ?? "null" }
    func sum(_ count: (UsageHoldings) -> Int) -> String { "\(rows.reduce(0) { $0 + count($1.holdings) })" }
    return JSONText.object([
      ("model", JSONText.quoted(name)), ("memory_chunks", sum(\.chunks)), ("memory_bytes", sum(\.bytes)),
      ("disk_chunks", sum(\.awayChunks)), ("disk_bytes", sum(\.awayBytes)),
      ("memory_tokens", tokens(\.leading)), ("disk_tokens", tokens(\.awayLeading)),
      ("tokens", tokens { $0.leading + $0.awayLeading }),
      ("hits", "\(rows.reduce(0) { $0 + $1[.fetchesFound] })"), ("misses", "\(rows.reduce(0) { $0 + $1.missed })"),
    ])
  }

  private var clientRows: [String] {
    let named = clients.filter(\.isNamed).sorted { $0[.puts] + $0[.fetchesFound] > $1[.puts] + $1[.fetchesFound] }
    // Behind one address they cannot be told apart.
    guard named.count > 1 else { return [] }
    return named.prefix(Limits.statusRowsMax).map { row in
      JSONText.object([
        ("client", JSONText.quoted(row.label)), ("written_chunks", "\(row[.puts])"),
        ("read_chunks", "\(row[.fetchesFound])"), ("read_of_others", "\(row[.fetchedOthers])"),
      ])
    }
  }

  // MARK: Over time

  private var counts: String {
    JSONText.fields([
      (
        "totals",
        JSONText.object([
          ("hits_memory", "\(moment[.hitsMemory])"), ("hits_disk", "\(moment[.hitsDisk])"),
          ("misses", "\(moment[.misses])"), ("read_bytes", "\(moment[.readBytes])"),
          ("written_bytes", "\(moment[.writtenBytes])"), ("evictions", "\(moment[.evictions])"),
          ("dropped", "\(numbers.store.drops.total)"),
        ])
      )
    ])
  }

  private var recent: String {
    let before = history.moment(before: moment.at &- min(moment.at, Limits.statusRecentNanoseconds))
    let began = before.at > 0 ? before.at : numbers.identity.startedAt
    let seconds = max(1, Double(moment.at - min(began, moment.at)) / 1e9)
    let added = moment.since(before)
    func rate(_ count: StatusCount) -> String { "\(UInt64(Double(added[count]) / seconds))" }
    return JSONText.fields([
      (
        "recent",
        JSONText.object([
          ("seconds", "\(Int(seconds.rounded()))"), ("hits_memory", "\(added[.hitsMemory])"),
          ("hits_disk", "\(added[.hitsDisk])"), ("misses", "\(added[.misses])"),
          ("read_bytes_per_second", rate(.readBytes)), ("written_bytes_per_second", rate(.writtenBytes)),
          ("evictions", "\(added[.evictions])"),
        ])
      )
    ])
  }

  private static let columns = [
    "at", "hits_memory", "hits_disk", "misses", "read_bytes", "written_bytes", "evictions", "used_bytes", "disk_bytes",
    "connections",
  ]

  private var past: String {
    let rows = history.steps.map { step in
      let ago = Int((moment.at - min(step.at, moment.at)) / 1_000_000_000)
      let counts: [StatusCount] = [.hitsMemory, .hitsDisk, .misses, .readBytes, .writtenBytes, .evictions]
      return "[\(wallSeconds - ago)," + counts.map { "\(step[$0])," }.joined()
        + "\(step.usedBytes),\(step.diskBytes),\(step.connections)]"
    }
    return JSONText.object([
      ("step_seconds", "\(Limits.statusStepNanoseconds / 1_000_000_000)"),
      ("columns", JSONText.array(Self.columns.map(JSONText.quoted))), ("rows", "[\(rows.joined(separator: ","))]"),
    ])
  }

  private var rooms: String {
    func rounded(_ share: Double) -> String { "\((share * 1000).rounded() / 1000)" }
    let curve = evidence.rooms.map { rooms in
      JSONText.object([
        ("now", rounded(rooms.now)),
        (
          "curve",
          JSONText.array(
            rooms.shares.enumerated().map { index, share in
              JSONText.object([("times", "\(RoomCurve.times(index))"), ("ratio", rounded(share))])
            })
        ),
      ])
    }
    return JSONText.fields([
      ("rooms", curve ?? "null"), ("holds_seconds", evidence.holdsSeconds.map { "\($0)" } ?? "null"),
    ])
  }
}

extension UsageFigures {
  /// Looked for or fetched, and not there.
  var missed: UInt64 { self[.lookupsMissed] + self[.fetchesMissed] }
}

extension [UsageFigures] {
  /// Nil where one of them holds chunks that do not tell.
  fileprivate func tokens(of chunks: (UsageHoldings) -> Int) -> Int? {
    var sum = 0
    for row in self where row.holdings.allBytes > 0 {
      guard let each = row.tokensEach else { return nil }
      sum += each * chunks(row.holdings)
    }
    return sum
  }
}

extension UsageHoldings {
  var allBytes: Int { bytes + awayBytes }
}

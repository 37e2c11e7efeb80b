import Base

/// What `stats` prints.
enum StatsScreen {
  static func lines(of figures: ServerFigures, at place: String) -> [String] {
    var lines = [
      "\(place): \(figures.status), lmcache-server \(figures.version), up \(FigureText.duration(figures.uptimeSeconds))"
    ]
    lines +=
      [memory(figures)]
      + figures.tiers.map { tier in
        row("held", "\(tier.name): \(FigureText.count(tier.chunks)) chunks, \(FigureText.bytes(tier.bytes))")
      }
    lines += [
      row(
        "look-ups",
        outcome(figures.lookupHits, figures.lookupMisses, "hit", "missed")
          + (figures.lookupRefused > 0 ? "; \(FigureText.count(figures.lookupRefused)) refused" : "")),
      row("fetches", outcome(figures.fetchHits, figures.fetchMisses, "hit", "missed")),
      row(
        "stores",
        "\(FigureText.count(figures.puts)) (\(FigureText.bytes(figures.putBytes))),"
          + " \(FigureText.count(figures.overwrites)) over older ones, \(FigureText.count(figures.dropped)) dropped"),
      row("evictions", list(figures.evictions)),
      row(
        "traffic",
        "\(FigureText.bytes(figures.received)) in, \(FigureText.bytes(figures.sent)) out,"
          + " \(FigureText.count(figures.refusals)) refusals"),
      row("connections", "\(list(figures.connections)); at most \(FigureText.count(figures.connectionsMax))"),
      row(
        "loops",
        "\(FigureText.count(figures.loops)) by \(figures.driver); longest turn lately"
          + " \(FigureText.milliseconds(figures.lagSeconds))"),
      row("policy", "\(figures.policy); a look-up promises up to \(FigureText.duration(figures.leaseSeconds))"),
    ]
    lines += figures.disks.map { row("disk", disk($0)) }
    for (title, rows) in [("model", figures.models), ("tag", figures.tags), ("client", figures.clients)] {
      lines += table(title, rows)
    }
    return lines
  }

  private static func row(_ name: String, _ text: String) -> String { FigureText.filled(name, 13) + text }

  static func memory(_ figures: ServerFigures) -> String {
    let share = FigureText.share(figures.usedBytes, of: figures.budgetBytes).map { " (\($0))" } ?? ""
    return row(
      "memory",
      "\(FigureText.bytes(figures.usedBytes)) of \(FigureText.bytes(figures.budgetBytes))\(share),"
        + " at most \(FigureText.bytes(figures.usedBytesHighWater)) so far;"
        + " \(FigureText.bytes(figures.inFlightBytes)) arriving in \(FigureText.count(figures.inFlightBodies)),"
        + " \(FigureText.bytes(figures.leasedBytes)) promised")
  }

  private static func outcome(_ hits: Double, _ misses: Double, _ hit: String, _ missed: String) -> String {
    let share = FigureText.share(hits, of: hits + misses).map { ": \($0)" } ?? ""
    return "\(FigureText.count(hits)) \(hit), \(FigureText.count(misses)) \(missed)\(share)"
  }

  private static func list(_ counts: [ServerFigures.Connections]) -> String {
    counts.isEmpty ? "none" : counts.map { "\(FigureText.count($0.count)) \($0.name)" }.joined(separator: ", ")
  }

  private static func disk(_ disk: ServerFigures.Disk) -> String {
    let why = disk.reason.isEmpty ? "" : " (\(disk.reason))"
    let moved = disk.written.map {
      "; \(FigureText.bytes($0)) written, \(FigureText.bytes(disk.read ?? 0)) read"
    }
    return "\(disk.path): \(disk.state)\(why), \(FigureText.count(disk.records)) chunks,"
      + " \(FigureText.count(disk.segmentsLoaded)) of \(FigureText.count(disk.segments)) segments in use\(moved ?? "")"
  }

  // MARK: Tables

  private static let widths = [11, 11, 11, 11, 13, 8, 12]

  private static func table(_ title: String, _ rows: [ServerFigures.Row]) -> [String] {
    let rows = rows.filter { !$0.isEmpty }.sorted { $0.memoryBytes + $0.diskBytes > $1.memoryBytes + $1.diskBytes }
    // What has no name alone says nothing that is not above.
    guard rows.contains(where: { $0.name != "none" }) else { return [] }
    let shown = rows.prefix(Limits.toolRowsMax)
    let nameWidth = max(title.count, shown.map { min($0.name.count, Limits.toolNameColumnsMax) }.max() ?? 0)
    func line(_ name: String, _ words: [String]) -> String {
      let cells = zip(words, widths).map { FigureText.padded($0, $1) }.joined()
      return FigureText.filled(FigureText.cut(name, Limits.toolNameColumnsMax), nameWidth) + cells
    }
    let head = line(title, ["chunks", "memory", "disk", "stored", "look-ups", "hit", "fetched"])
    let body = shown.map { row in
      let lookups = row.lookupHits + row.lookupMisses
      return line(
        row.name,
        [
          FigureText.count(row.memoryChunks), FigureText.bytes(row.memoryBytes), FigureText.bytes(row.diskBytes),
          FigureText.count(row.puts), FigureText.count(lookups), FigureText.share(row.lookupHits, of: lookups) ?? "-",
          FigureText.bytes(row.fetchedBytes),
        ])
    }
    let more = rows.count > shown.count ? ["\(rows.count - shown.count) more; --json has all"] : []
    return ["", head] + body + more
  }
}

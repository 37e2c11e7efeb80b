import Base

/// What `top` shows of one look.
enum TopScreen {
  /// For a terminal.
  static func lines(of figures: ServerFigures, _ load: Load, at place: String) -> [String] {
    var lines = [
      "\(place)  \(figures.status)  lmcache-server \(figures.version)"
        + "  up \(FigureText.duration(figures.uptimeSeconds))",
      "",
      StatsScreen.memory(figures),
    ]
    func row(_ name: String, _ text: String) { lines.append(FigureText.filled(name, 13) + text) }
    row("traffic", "\(FigureText.byteRate(load.received)) in, \(FigureText.byteRate(load.sent)) out")
    row("look-ups", "\(FigureText.rate(load.lookups)), hit \(load.lookupShare ?? "-")")
    row("fetches", "\(FigureText.rate(load.fetches)), hit \(load.fetchShare ?? "-")")
    row("stores", "\(FigureText.rate(load.puts)), dropped \(FigureText.rate(load.dropped))")
    row("evictions", "\(FigureText.rate(load.evictions)); \(FigureText.count(figures.evicted)) so far")
    let open = figures.connections.map { "\(FigureText.count($0.count)) \($0.name)" }.joined(separator: ", ")
    row("connections", "\(open.isEmpty ? "none" : open); refused \(FigureText.rate(load.refusals))")
    row(
      "loops", "\(FigureText.count(figures.loops)), longest turn lately \(FigureText.milliseconds(figures.lagSeconds))")
    for disk in figures.disks { row("disk", "\(disk.path): \(disk.state), \(FigureText.count(disk.records)) chunks") }
    if !figures.disks.isEmpty {
      row("disks", "\(FigureText.byteRate(load.diskWritten)) written, \(FigureText.byteRate(load.diskRead)) read")
    }
    return lines + table(figures, load)
  }

  private static func table(_ figures: ServerFigures, _ load: Load) -> [String] {
    let rows = figures.models.filter { !$0.isEmpty }.sorted {
      ($0.memoryBytes + $0.diskBytes) > ($1.memoryBytes + $1.diskBytes)
    }
    guard !rows.isEmpty else { return [] }
    func line(_ name: String, _ words: [String]) -> String {
      FigureText.filled(FigureText.cut(name, 40), 40) + words.map { FigureText.padded($0, 12) }.joined()
    }
    return ["", line("model", ["memory", "disk", "stored", "look-ups", "hit", "fetched"])]
      + rows.map { row in
        let model = load.models[row.name]
        return line(
          row.name,
          [
            FigureText.bytes(row.memoryBytes), FigureText.bytes(row.diskBytes), FigureText.rate(model?.puts),
            FigureText.rate(model?.lookups), model?.lookupShare ?? "-", FigureText.byteRate(model?.fetchedBytes),
          ])
      }
  }

  /// For what is no terminal: one line, of names and values without blanks.
  static func line(of figures: ServerFigures, _ load: Load) -> String {
    var words = [
      ("status", figures.status), ("memory", "\(FigureText.bytes(figures.usedBytes))"),
      ("budget", FigureText.bytes(figures.budgetBytes)), ("hit", load.lookupShare ?? "-"),
      ("in", FigureText.byteRate(load.received)), ("out", FigureText.byteRate(load.sent)),
      ("lookups", FigureText.rate(load.lookups)), ("fetches", FigureText.rate(load.fetches)),
      ("stores", FigureText.rate(load.puts)), ("dropped", FigureText.rate(load.dropped)),
      ("evictions", FigureText.rate(load.evictions)), ("connections", FigureText.count(figures.open)),
      ("refusals", FigureText.rate(load.refusals)),
    ]
    if !figures.disks.isEmpty {
      words += [
        ("disk_written", FigureText.byteRate(load.diskWritten)), ("disk_read", FigureText.byteRate(load.diskRead)),
      ]
    }
    return words.map { "\($0.0)=\($0.1.filter { $0 != " " })" }.joined(separator: " ")
  }
}

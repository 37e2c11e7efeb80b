/// The picture of a run: over what was swept (sizes, rates, connections, depth), or of each case if nothing was.
struct RunPicture {
  private let run: Run
  private let sweep: Sweep?

  init(_ run: Run) {
    self.run = run
    sweep = Sweep(run.cases)
  }

  func svg() -> String {
    let drawn = sweep.map { SweepPanels($0).rows() } ?? run.cases.map { CasePanels($0, among: run.cases).panels() }
    var rows = drawn.filter { !$0.isEmpty }
    // A single column becomes a row, to suit a page.
    if sweep != nil, rows.allSatisfy({ $0.count == 1 }) { rows = [rows.flatMap { $0 }] }
    let columns = rows.map(\.count).max() ?? 1
    return Picture(
      title: title, subtitle: subtitle, footer: footer, columns: columns, rows: rows
    ).svg()
  }

  private var title: String {
    let workloads = unique(run.cases.map(CaseTitle.workload)).joined(separator: " and ")
    let names = run.cases.first?.results.map(\.label) ?? []
    guard let first = names.first else { return "Nothing was measured" }
    return "\(workloads): \(first)" + (names.count > 1 ? " against " + Self.listed(Array(names.dropFirst())) : "")
  }

  /// What all cases have in common.
  private var subtitle: String {
    guard let first = run.cases.first else { return "" }
    let common = CaseTitle.parameters(first).filter { word in
      run.cases.allSatisfy { CaseTitle.parameters($0).contains(word) }
    }
    let keys = unique(run.cases.compactMap(CaseTitle.keys))
    let rounds = unique(run.cases.compactMap(CaseTitle.rounds))
    let alternating = first.results.count > 1 ? ", targets alternating" : ""
    return (common + (keys.count == 1 ? keys : []) + (rounds.count == 1 ? [rounds[0] + alternating] : []))
      .joined(separator: " · ")
  }

  private var footer: String {
    let here = run.environment
    return [
      "\(here.processor), \(here.cores) cores\(here.isVirtual ? " (virtual)" : "")", "Linux \(here.kernel)", here.date,
      "lmcache-bench \(here.version)", "medians over the rounds, bars from the least to the most",
    ].joined(separator: " · ")
  }

  private func unique(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
  }

  private static func listed(_ words: [String]) -> String {
    guard words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + words.last!
  }
}

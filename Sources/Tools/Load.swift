/// What a server did between two looks.
struct Load: Equatable {
  /// Shares and rates are of the time between the looks; nil where there is nothing to compare with.
  private(set) var received, sent: Double?
  private(set) var lookups, fetches, puts, evictions, dropped, refusals: Double?
  private(set) var lookupShare, fetchShare: String?
  private(set) var diskWritten, diskRead: Double?
  /// By their names.
  private(set) var models: [String: Model] = [:]

  struct Model: Equatable {
    let puts, lookups, fetchedBytes: Double
    let lookupShare: String?
  }

  /// Nothing to compare with yet.
  init() {}

  /// - Parameter before: an earlier look; of another life of the server it says nothing.
  init(from before: ServerFigures, to now: ServerFigures, seconds: Double) {
    guard before.bootID == now.bootID, seconds > 0 else { return }
    func rate(_ figure: (ServerFigures) -> Double) -> Double { max(0, figure(now) - figure(before)) / seconds }
    (received, sent) = (rate(\.received), rate(\.sent))
    lookups = rate { $0.lookupHits + $0.lookupMisses }
    fetches = rate { $0.fetchHits + $0.fetchMisses }
    (puts, evictions) = (rate(\.puts), rate(\.evicted))
    (dropped, refusals) = (rate(\.dropped), rate(\.refusals))
    lookupShare = FigureText.share(rate(\.lookupHits), of: rate { $0.lookupHits + $0.lookupMisses })
    fetchShare = FigureText.share(rate(\.fetchHits), of: rate { $0.fetchHits + $0.fetchMisses })
    if !now.disks.isEmpty {
      diskWritten = rate { $0.disks.reduce(0) { $0 + ($1.written ?? 0) } }
      diskRead = rate { $0.disks.reduce(0) { $0 + ($1.read ?? 0) } }
    }
    compareModels(before, now, seconds)
  }

  private mutating func compareModels(_ before: ServerFigures, _ now: ServerFigures, _ seconds: Double) {
    var earlier: [String: ServerFigures.Row] = [:]
    for row in before.models { earlier[row.name] = row }
    for row in now.models {
      func rate(_ figure: (ServerFigures.Row) -> Double) -> Double {
        max(0, figure(row) - (earlier[row.name].map(figure) ?? 0)) / seconds
      }
      models[row.name] = Model(
        puts: rate(\.puts), lookups: rate { $0.lookupHits + $0.lookupMisses }, fetchedBytes: rate(\.fetchedBytes),
        lookupShare: FigureText.share(rate(\.lookupHits), of: rate { $0.lookupHits + $0.lookupMisses }))
    }
  }
}

/// Cases that differ in one number, grouped by all others.
struct Sweep {
  enum Dimension: CaseIterable {
    case size, rate, connections, depth
  }

  struct Group {
    /// What distinguishes it from the other groups; empty if there is only one.
    let title: String
    let cases: [Case]
  }

  let dimension: Dimension
  let groups: [Group]

  /// Nil if nothing was swept.
  init?(_ cases: [Case]) {
    guard let dimension = Dimension.allCases.first(where: { Set(cases.compactMap($0.value)).count > 1 }) else {
      return nil
    }
    var keys: [[String]] = []
    var members: [[Case]] = []
    for one in cases {
      let key = Self.words(one, without: dimension)
      if let known = keys.firstIndex(of: key) {
        members[known].append(one)
      } else {
        keys.append(key)
        members.append([one])
      }
    }
    guard members.contains(where: { $0.count > 1 }) else { return nil }
    self.dimension = dimension
    groups = zip(keys, members).map { key, cases in
      let own = key.enumerated().filter { place, word in keys.contains { $0[place] != word } }
      let ordered = cases.sorted { (dimension.value(of: $0) ?? 0) < (dimension.value(of: $1) ?? 0) }
      return Group(title: own.map(\.element).filter { !$0.isEmpty }.joined(separator: ", "), cases: ordered)
    }
  }

  private static func words(_ one: Case, without dimension: Dimension) -> [String] {
    var words = [
      CaseTitle.workload(one), CaseTitle.size(one), CaseTitle.rate(one) ?? "", CaseTitle.connections(one),
      CaseTitle.depth(one), one.model ?? "", one.threads > 1 ? "\(one.threads) threads" : "",
    ]
    words.remove(at: 1 + Dimension.allCases.firstIndex(of: dimension)!)
    return words
  }
}

extension Sweep.Dimension {
  func value(of one: Case) -> Double? {
    switch self {
    case .size: one.sizes.mean
    case .rate: one.arrivalsPerSecond
    case .connections: Double(one.connections)
    case .depth: Double(one.depth)
    }
  }

  func axis(_ values: [Double]) -> Axis {
    switch self {
    case .size: .sizes(values)
    case .rate: .fromZero("arrivals a second", values)
    case .connections: .counts("connections", values)
    case .depth: .counts("requests under way on a connection", values)
    }
  }

  var title: String {
    switch self {
    case .size: "size"
    case .rate: "rate"
    case .connections: "connections"
    case .depth: "depth"
    }
  }
}

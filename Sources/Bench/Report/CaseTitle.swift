/// A case in words: "GET, 32 MiB, 4 connections, depth 16".
enum CaseTitle {
  static func full(_ one: Case) -> String {
    ([workload(one)] + parameters(one) + [keys(one), rounds(one)].compactMap { $0 }).joined(separator: ", ")
  }

  static func workload(_ one: Case) -> String {
    switch one.workload {
    case .get: return "GET"
    case .put: return "PUT"
    case .fill: return "PUT, cold"
    case .exist: return "EXIST"
    case .session: return "Session"
    case .mixed: return "Mixed"
    case .churn: return "Churn"
    case .existBeside:
      let beside = one.beside.map { " beside \($0.connections) × \($0.operation.name.uppercased())" }
      return "EXIST" + (beside ?? "")
    }
  }

  /// Everything about how the work was done.
  static func parameters(_ one: Case) -> [String] {
    [size(one), connections(one), depth(one), rate(one), one.model, mix(one)].compactMap { $0 }
  }

  static func size(_ one: Case) -> String {
    let shares = one.sizes.shares
    guard shares.count > 1 else { return ByteSize.text(one.sizes.largest) }
    let total = Double(one.sizes.totalWeight)
    return shares.map { "\(ByteSize.text($0.bytes)) (\(fixed(Double($0.weight) / total * 100, 0)) %)" }
      .joined(separator: " + ")
  }

  static func connections(_ one: Case) -> String { counted(one.connections, "connection") }
  static func depth(_ one: Case) -> String { "depth \(one.depth)" }

  static func rate(_ one: Case) -> String? {
    one.arrivalsPerSecond.map { "\(CompactNumber.text($0)) arrivals a second" }
  }

  /// A session's keys are those of its prompts.
  static func keys(_ one: Case) -> String? { one.workload == .session ? nil : counted(one.keys, "key") }

  static func rounds(_ one: Case) -> String? {
    guard let rounds = one.results.first?.rounds, let last = rounds.last else { return nil }
    return "\(counted(rounds.count, "round")) of \(fixed(last.seconds, 1)) s"
  }

  private static func mix(_ one: Case) -> String? {
    one.mix.map { "get:put:exist \($0.get):\($0.put):\($0.exist)" }
  }

  private static func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
}

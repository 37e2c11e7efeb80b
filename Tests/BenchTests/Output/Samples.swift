@testable import Bench

/// Hand-made results, so that the output can be compared with known figures.
enum Samples {
  static let environment = Environment(
    date: "2026-01-02T03:04:05Z", kernel: "6.1.0", processor: "Pretend CPU", cores: 2, memoryBytes: 1 << 34,
    isVirtual: true, version: "0.0.0")

  static func run(_ cases: [Case]) -> Run {
    Run(commandLine: ["get", "lm://127.0.0.1:1"], environment: environment, cases: cases)
  }

  static func one(
    _ results: [TargetResult], _ workload: Workload = .get, bytes: Int = 1 << 20, connections: Int = 1, depth: Int = 1
  ) -> Case {
    var one = Case(workload: workload, sizes: SizeMix(bytes: bytes), connections: connections, depth: depth, keys: 16)
    one.results = results
    return one
  }

  /// A target that moved so many GiB/s in each of its rounds of one second, in values of that size.
  static func target(
    _ name: String, gibibytes: [Double], bytes: Int = 1 << 20, microseconds: [Double] = [100, 200, 300, 1000],
    serverSeconds: Double? = 0.5
  ) -> TargetResult {
    let rounds = gibibytes.map { speed in
      var round = Round()
      round.seconds = 1
      round.bytes = Int(speed * Double(1 << 30))
      round.operations = round.bytes / bytes
      round.serverSeconds = serverSeconds
      round.clientSeconds = 0.25
      round.serverResidentBytes = 512 << 20
      return round
    }
    var latencies = Latencies()
    for one in microseconds { latencies.record(UInt64(one * 1000)) }
    return TargetResult(label: name, address: "lm://127.0.0.1:1", dialect: .lm, rounds: rounds, latencies: latencies)
  }
}

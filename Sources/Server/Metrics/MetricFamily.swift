/// One metric with all its samples, as every format prints it.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  struct Sample {
    /// What follows the family's name: `_bucket`, `_sum`, `_count`, or nothing.
    var suffix = ""
    var labels: [(name: String, value: String)] = []
    var value: String
  }

  var name: String
  var help: String
  var kind: Kind
  var samples: [Sample]

  /// What every metric's name begins with.
  private static let prefix = "lmcache_server_"

  init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    (self.name, self.help, self.kind, self.samples) = (Self.prefix + name, help, kind, samples)
  }

  init(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
    self.init(name, kind, help, [Sample(value: "\(value)")])
  }

  /// A sample for each value of one label.
  init(_ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(String, some BinaryInteger)]) {
    self.init(name, kind, help, values.map { Sample(labels: [(label, $0.0)], value: "\($0.1)") })
  }

  /// What is told by labels alone.
  init(_ name: String, _ help: String, facts: [(name: String, value: String)]) {
    self.init(name, .gauge, help, [Sample(labels: facts, value: "1")])
  }
}

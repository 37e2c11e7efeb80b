/// One metric with all its samples, before anybody decides how to print it.
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

  static func single(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) -> MetricFamily {
    MetricFamily(name: name, help: help, kind: kind, samples: [Sample(value: "\(value)")])
  }
}

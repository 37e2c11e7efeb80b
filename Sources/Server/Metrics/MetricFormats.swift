import Base

/// Metrics as one JSON object: a number where a metric has one sample, else a list of samples with their labels.
enum MetricsJSON {
  static func render(_ families: [MetricFamily]) -> String {
    "{" + families.map { "\"\($0.name)\": \(value(of: $0))" }.joined(separator: ", ") + "}"
  }

  private static func value(of family: MetricFamily) -> String {
    if family.samples.count == 1, family.samples[0].labels.isEmpty { return family.samples[0].value }
    return "[" + family.samples.map(sample).joined(separator: ", ") + "]"
  }

  private static func sample(_ sample: MetricFamily.Sample) -> String {
    var fields = sample.labels.map { "\"\($0.name)\": \"\(LogEscape.json($0.value))\"" }
    fields.append("\"\(sample.suffix.isEmpty ? "value" : String(sample.suffix.dropFirst()))\": \(sample.value)")
    return "{" + fields.joined(separator: ", ") + "}"
  }
}

/// Metrics in Prometheus' text format.
enum PrometheusText {
  static func render(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families {
      text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        text += "\(family.name)\(sample.suffix)\(labels(sample.labels)) \(sample.value)\n"
      }
    }
    return text
  }

  private static func labels(_ labels: [(name: String, value: String)]) -> String {
    guard !labels.isEmpty else { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
    return text
  }
}

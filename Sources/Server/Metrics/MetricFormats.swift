/// Metrics in Prometheus' text format.
struct PrometheusText {
  private(set) var text = ""

  mutating func append(_ families: [MetricFamily]) {
    for family in families {
      text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples { append(sample, of: family.name) }
    }
  }

  /// Piece by piece: thousands of samples are written while others wait.
  private mutating func append(_ sample: MetricFamily.Sample, of name: String) {
    text += name
    text += sample.suffix
    if !sample.labels.isEmpty {
      var separator = "{"
      for label in sample.labels {
        text += separator
        text += label.name
        text += "=\""
        append(escaped: label.value)
        text += "\""
        separator = ","
      }
      text += "}"
    }
    text += " "
    text += sample.value
    text += "\n"
  }

  private mutating func append(escaped value: String) {
    guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else {
      text += value
      return
    }
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

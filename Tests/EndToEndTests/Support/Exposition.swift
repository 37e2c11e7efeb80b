import Foundation

/// Prometheus' text format, read strictly: anything that a scraper may reject is an error here.
struct Exposition {
  struct Sample {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  struct Family {
    let name: String
    let kind: String
    var samples: [Sample] = []
  }

  private(set) var families: [String: Family] = [:]
  private var values: [String: Double] = [:]

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw HarnessFailure("the last line has no end") }
    var helped: String?
    var current: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
        helped = String(match.output.1)
      } else if let match = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
        let name = String(match.output.1)
        guard helped == name else { throw HarnessFailure("TYPE without HELP: \(line)") }
        guard families[name] == nil else { throw HarnessFailure("a family twice: \(name)") }
        families[name] = Family(name: name, kind: String(match.output.2))
        current = name
      } else {
        try add(String(line), to: current)
      }
    }
    for family in families.values where family.samples.isEmpty { throw HarnessFailure("\(family.name) is empty") }
    for family in families.values where family.kind == "histogram" { try Exposition.check(family) }
  }

  /// The value of a series as written in the text.
  func value(of series: String) -> Double? { values[series] }

  func sum(_ family: String) -> Double { families[family]?.samples.reduce(0) { $0 + $1.value } ?? 0 }

  private mutating func add(_ line: String, to current: String?) throws {
    let pattern = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+)/
    guard let match = line.wholeMatch(of: pattern), let value = Double(match.output.3) else {
      throw HarnessFailure("not a sample: \(line)")
    }
    let name = String(match.output.1)
    guard let current, let family = families[current] else { throw HarnessFailure("a sample before its TYPE: \(line)") }
    let suffixes = family.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
    guard suffixes.contains(where: { current + $0 == name }) else { throw HarnessFailure("not of \(current): \(line)") }
    if family.kind == "counter", !name.hasSuffix("_total") { throw HarnessFailure("a counter without _total: \(name)") }
    if value < 0 { throw HarnessFailure("a negative value: \(line)") }
    var labels: [String: String] = [:]
    for label in (match.output.2 ?? "").matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"/) {
      guard labels.updateValue(String(label.output.2), forKey: String(label.output.1)) == nil else {
        throw HarnessFailure("a label twice: \(line)")
      }
    }
    let series = String(line[..<line.lastIndex(of: " ")!])
    guard values.updateValue(value, forKey: series) == nil else { throw HarnessFailure("a series twice: \(series)") }
    families[current]?.samples.append(Sample(name: name, labels: labels, value: value))
  }

  /// Buckets rise in bound and count, the last is +Inf and equals _count.
  private static func check(_ family: Family) throws {
    let groups = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
    for (labels, samples) in groups {
      let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
      let bounds = try buckets.map { sample in
        guard let bound = sample.labels["le"].flatMap({ $0 == "+Inf" ? .infinity : Double($0) }) else {
          throw HarnessFailure("a bucket without a bound in \(family.name)")
        }
        return bound
      }
      let rises = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
      let grows = zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }
      let count = samples.filter { $0.name == family.name + "_count" }
      let sum = samples.filter { $0.name == family.name + "_sum" }
      guard rises, grows, bounds.last == .infinity, count.count == 1, sum.count == 1,
        count[0].value == buckets.last?.value
      else { throw HarnessFailure("not a histogram: \(family.name) \(labels)") }
    }
  }
}

import Glibc

/// Maps values to places between 0 and 1; has ticks and a title.
struct Axis {
  enum Scale {
    case linear, logarithmic
    /// For shares below 1: 0.9, 0.99 and 0.999 are equally far apart.
    case nines
  }

  var title: String
  let scale: Scale
  let domain: ClosedRange<Double>
  let ticks: [Tick]

  func place(_ value: Double) -> Double {
    let low = scaled(domain.lowerBound)
    let high = scaled(domain.upperBound)
    return (min(max(scaled(value), low), high) - low) / (high - low)
  }

  private func scaled(_ value: Double) -> Double {
    switch scale {
    case .linear: value
    case .logarithmic: log2(max(value, .leastNormalMagnitude))
    case .nines: -log10(max(1 - value, .leastNormalMagnitude))
    }
  }
}

extension Axis {
  /// From zero to a little above the largest value, with round steps.
  static func fromZero(_ title: String, _ values: [Double]) -> Axis {
    let largest = values.filter(\.isFinite).max().flatMap { $0 > 0 ? $0 : nil } ?? 1
    let step = niceStep(largest / 5)
    let ticks = (0...Int(largest * 1.04 / step)).map { Double($0) * step }
    return Axis(
      title: title, scale: .linear, domain: 0...largest * 1.04,
      ticks: zip(ticks, CompactNumber.labels(ticks)).map { Tick(value: $0, label: $1) })
  }

  /// Steps of 1, 2 and 5 times a power of ten around durations in microseconds.
  static func durations(_ title: String, _ microseconds: [Double]) -> Axis {
    decades(title, microseconds) { DurationText.of($0) }
  }

  /// From zero if all values are readable there; by powers of ten if the smallest would be flat.
  static func amounts(_ title: String, _ values: [Double]) -> Axis {
    let values = values.filter { $0.isFinite && $0 > 0 }
    guard let least = values.min(), let most = values.max(), most > flatFactor * least else {
      return fromZero(title, values)
    }
    return decades(title, values) { CompactNumber.labels([$0])[0] }
  }

  private static let flatFactor = 8.0

  private static func decades(_ title: String, _ values: [Double], label: (Double) -> String) -> Axis {
    let values = values.filter { $0.isFinite && $0 > 0 }
    var steps = decadeSteps(around: (values.min() ?? 1)...(values.max() ?? 1000))
    if steps.count < 3 { steps = decadeSteps(around: steps[0] / 2...steps.last! * 2) }
    let crowded = steps.count > 8
    return Axis(
      title: title, scale: .logarithmic, domain: steps[0]...steps.last!,
      ticks: steps.map { Tick(value: $0, label: crowded && !isDecade($0) ? nil : label($0)) })
  }

  /// Every value has its tick; the axis reaches from the least to the most.
  static func sizes(_ bytes: [Double]) -> Axis {
    doubling("size of a value, bytes (K = 1024)", bytes) { ByteSize.short(Int($0)) }
  }

  static func counts(_ title: String, _ values: [Double]) -> Axis {
    doubling(title, values) { String(Int($0)) }
  }

  static func shares(upTo most: Double) -> Axis {
    let named: [(Double, String?)] = [
      (0, nil), (0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9"), (0.9999, "p99.99"), (0.99999, "p99.999"),
    ]
    let last = max(0.99, min(most, 0.999_999))
    return Axis(
      title: "share of requests that were at least as fast", scale: .nines, domain: 0...last,
      ticks: named.filter { $0.0 <= last }.map { Tick(value: $0.0, label: $0.1) })
  }

  private static func doubling(_ title: String, _ values: [Double], label: (Double) -> String) -> Axis {
    let values = Set(values.filter { $0 > 0 }).sorted()
    let low = values.first ?? 1
    let high = values.last ?? 2
    return Axis(
      title: title, scale: .logarithmic, domain: low == high ? low / 2...high * 2 : low...high,
      ticks: values.map { Tick(value: $0, label: label($0)) })
  }

  /// 1, 2, 2.5 or 5 times a power of ten, at or above the argument.
  private static func niceStep(_ wanted: Double) -> Double {
    let power = pow(10, log10(wanted).rounded(.down))
    return [1, 2, 2.5, 5].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? 10 * power
  }

  private static func decadeSteps(around range: ClosedRange<Double>) -> [Double] {
    let first = Int(log10(range.lowerBound).rounded(.down))
    let last = Int(log10(range.upperBound).rounded(.up))
    let all = (first...last).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
    let from = all.lastIndex { $0 <= range.lowerBound * (1 + 1e-9) } ?? 0
    let to = all.firstIndex { $0 >= range.upperBound * (1 - 1e-9) } ?? all.count - 1
    return Array(all[from...max(from, to)])
  }

  private static func isDecade(_ value: Double) -> Bool {
    let power = log10(value)
    return abs(power - power.rounded()) < 1e-6
  }
}

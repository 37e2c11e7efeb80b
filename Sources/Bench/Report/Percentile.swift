/// The percentiles in reports.
struct Percentile {
  let share: Double
  /// For people.
  let name: String
  /// As a field of a document.
  let fieldName: String

  static let reported = [
    Percentile(share: 0.5, name: "p50", fieldName: "p50"),
    Percentile(share: 0.9, name: "p90", fieldName: "p90"),
    Percentile(share: 0.99, name: "p99", fieldName: "p99"),
    Percentile(share: 0.999, name: "p99.9", fieldName: "p99_9"),
  ]
}

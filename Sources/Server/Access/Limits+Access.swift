import Base

extension Limits {
  /// Connections of an address beyond its limit that are good for a probe: a liveness and a readiness probe, one that is
  /// late, and a scrape.
  static let probesPerAddress = 4
}

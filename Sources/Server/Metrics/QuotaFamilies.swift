import Store

/// How quotas stand: a series for each, of which an operator has named every one.
enum QuotaFamilies {
  static func all(_ quotas: [QuotaFigures]) -> [MetricFamily] {
    guard !quotas.isEmpty else { return [] }
    return [
      MetricFamily(
        "quota_limit_bytes", .gauge, "The most memory that chunks of a quota may take.", by: "quota",
        quotas.map { ($0.name, $0.bytesMax) }),
      MetricFamily(
        "quota_bytes", .gauge, "Memory that chunks of a quota take, those that arrive among them.", by: "quota",
        quotas.map { ($0.name, $0.bytes) }),
      MetricFamily(
        "quota_chunks", .gauge, "Chunks of a quota in memory.", by: "quota", quotas.map { ($0.name, $0.chunks) }),
      MetricFamily(
        "quota_evictions_total", .counter, "Chunks that left memory for others of their quota.", by: "quota",
        quotas.map { ($0.name, $0.evicted) }),
      MetricFamily(
        "quota_drops_total", .counter, "Bodies that were not kept because their quota had no room.", by: "quota",
        quotas.map { ($0.name, $0.dropped) }),
    ]
  }
}

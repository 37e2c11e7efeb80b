import Base
import IO
import Store

/// What chunks live through, and how long loops keep them waiting.
enum TrafficFamilies {
  static func all(_ numbers: ServerSnapshot) -> [MetricFamily] {
    lookups(numbers.store) + ages(numbers.store) + loops(numbers)
  }

  private static func lookups(_ store: StoreNumbers) -> [MetricFamily] {
    [
      MetricFamily(
        "lookups_total", .counter,
        "Look-ups of chunks, by their answer: refused are those answered no although the chunk was there.",
        by: "outcome",
        [("hit", store.lookupHits), ("miss", store.lookupMisses), ("refused", store.leasesRefused)]),
      MetricFamily(
        "fetches_total", .counter, "Fetches of chunks, by what came of them.", by: "outcome",
        [("hit", store.hits), ("miss", store.misses)]),
      MetricFamily(
        "hits_total", .counter, "Chunks fetched, by the tier that had them when they were wanted.", by: "tier",
        [("memory", store.memoryHits), ("disk", store.diskHits)]),
      MetricFamily(
        "hit_bytes_total", .counter, "Their bytes.", by: "tier",
        [("memory", store.memoryHitBytes), ("disk", store.diskHitBytes)]),
      MetricFamily("published_bytes_total", .counter, "Bytes of chunks stored.", store.publishedBytes),
      MetricFamily("expired_total", .counter, "Values whose own time had come.", store.expired),
    ]
  }

  private static func ages(_ store: StoreNumbers) -> [MetricFamily] {
    [
      MetricFamilies.ages(
        "chunk_lifetime_seconds", "How long chunks had been in memory that left it to make room.", store.lifetimes),
      MetricFamilies.ages(
        "chunk_idle_before_evict_seconds", "How long nobody had stored or fetched them by then.", store.idleTimes),
      MetricFamilies.ages(
        "chunk_reuse_gap_seconds", "From the last use of a chunk to the next fetch.", store.reuseGaps),
      MetricFamilies.ages(
        "chunk_evict_reuse_gap_seconds",
        "From the eviction of a chunk to the next wish for it: what more room would have kept.",
        store.evictReuseGaps),
    ]
  }

  private static func loops(_ numbers: ServerSnapshot) -> [MetricFamily] {
    [
      MetricFamilies.histogram(
        "loop_lag_seconds", "How long turns of event loops took: what is ready waits so long at most.", numbers.loopLag),
      MetricFamily(
        "loop_lag_longest_seconds", .gauge, "The longest turn of each loop in the last one or two minutes.",
        numbers.loopLagLongest.enumerated().map { index, nanoseconds in
          MetricFamily.Sample(labels: [("loop", "\(index)")], value: "\(Double(nanoseconds) / 1e9)")
        }),
    ]
  }
}

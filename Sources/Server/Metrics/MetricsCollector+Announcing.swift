import Base
import Synchronization

/// How telling somebody else's registry goes. Nothing, where nobody is told.
extension MetricsCollector {
  static func announcing(_ server: Server) -> [MetricFamily] {
    guard server.sharing.lookupURL != nil else { return [] }
    let metrics = server.workers[0].announcerMetrics
    return [
      .single(
        "lmcache_server_announce_connected", .gauge, "1 while chunks are announced in the registry elsewhere.",
        metrics.isConnected.load(ordering: .relaxed) ? 1 : 0),
      .single(
        "lmcache_server_announce_published_total", .counter, "Chunks announced, repetitions included.",
        metrics.published.value),
      .single(
        "lmcache_server_announce_withdrawn_total", .counter, "Announcements withdrawn, repetitions included.",
        metrics.withdrawn.value),
      .single(
        "lmcache_server_announce_complete_total", .counter, "Times that every chunk was announced.",
        metrics.complete.value),
      .single(
        "lmcache_server_announce_overflows_total", .counter, "Times that news was lost, and everything told anew.",
        metrics.overflows.value),
      .single(
        "lmcache_server_announce_failures_total", .counter, "Connections that failed or were refused.",
        metrics.failures.value),
    ]
  }
}

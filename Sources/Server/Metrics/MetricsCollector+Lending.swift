import Base
import Store

extension MetricsCollector {
  /// What leaves without being copied, and the memory that this takes.
  static func lending(_ server: Server) -> [MetricFamily] {
    let store = server.store
    let headroom = store.headroomBytes.map { bytes in
      MetricFamily.single(
        "lmcache_server_lending_headroom_bytes", .gauge,
        "What readers may still keep of memory that was replaced; without any, values are copied.", max(0, bytes))
    }
    return [
      .single(
        "lmcache_server_lent_bytes_total", .counter, "Bytes sent to clients from their pages, without being copied.",
        sum(server) { $0.metrics.bytesLent.value }),
      .single(
        "lmcache_server_renewed_bytes_total", .counter,
        "Memory that was sent from without a copy, and replaced before its next use.", store.renewedBytes),
      .single(
        "lmcache_server_unrenewed_bytes_total", .counter,
        "Memory that was sent from without a copy, and given back because the system had too little to replace it.",
        store.unrenewedBytes),
      .single(
        "lmcache_server_lending_pauses_total", .counter,
        "Times that values were copied from then on because memory was short.", store.lendingPauses),
    ] + [headroom].compactMap { $0 }
  }
}

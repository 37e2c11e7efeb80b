import Wire

@testable import Tools

/// Pages of a server, made up.
enum Pages {
  /// As `proto/http.md` has them.
  static let stats = """
    {"status": "degraded", "version": "0.1.0+415398fd91c2", "boot_id": "6f1c0a9be24d7735", "uptime_seconds": 100000,
     "disks": [{"path": "/srv/a b", "state": "read_only", "segments_loaded": 3, "segments": 16, "records": 1200,
                "reason": "EIO\\u001b[2J"}],
     "loops": 2, "driver": "uring", "driver_reason": "auto", "loop_lag_longest_seconds": 0.0012,
     "connections": {"unknown": 0, "lm": 16, "http": 1, "resp": 2, "lookup": 0, "peer": 0, "max": 20000},
     "memory": {"budget_bytes": 1073741824, "used_bytes": 536870912, "used_bytes_high_water": 805306368,
                "in_flight_bytes": 1048576, "in_flight_bodies": 2, "leased_bytes": 4096},
     "tiers": [{"tier": "memory", "chunks": 40, "bytes": 536000000, "hits": 9, "hit_bytes": 1},
               {"tier": "disk", "chunks": 1160, "bytes": 5360000000, "hits": 1, "hit_bytes": 1}],
     "policy": {"name": "returns", "lease_seconds": 30, "trusted": true},
     "lookups": {"hit": 900, "miss": 100, "refused": 7}, "fetches": {"hit": 800, "miss": 0},
     "puts": {"stored": 5000, "stored_bytes": 5000000000, "overwrites": 3, "dropped": 4},
     "evictions": {"pages": 12, "records": 0, "buffers": 30}, "leases_broken": 0,
     "received_bytes": 5000000000, "sent_bytes": 9000000000, "refusals": 5,
     "models": [{"model": "none", "named": false, "memory_chunks": 0, "memory_bytes": 0, "disk_chunks": 0,
                 "disk_bytes": 0, "puts": 0, "lookup_hits": 0, "lookup_misses": 0, "fetched_bytes": 0},
                {"model": "meta-llama/Llama-3-8B", "named": true, "memory_chunks": 40, "memory_bytes": 536000000,
                 "disk_chunks": 1160, "disk_bytes": 5360000000, "puts": 5000, "put_bytes": 5000000000,
                 "lookup_hits": 900, "lookup_misses": 100, "fetch_hits": 800, "fetch_misses": 0,
                 "fetched_bytes": 9000000000}],
     "tags": [], "clients": []}
    """

  static func figures(_ changes: [(String, String)] = []) -> ServerFigures? {
    var text = stats
    for (old, new) in changes {
      precondition(text.contains(old), "the page holds \(old)")
      text.replace(old, with: new)
    }
    return JSONElement(Array(text.utf8)).flatMap(ServerFigures.init)
  }
}

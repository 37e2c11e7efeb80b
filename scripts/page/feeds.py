"""Feeds that a real server seldom gives: every headline, names that mean harm, and things that are not there."""

STATES = {
    "serving_well": "good", "filling": "busy", "too_small": "warn", "not_used": "warn", "cut_off": "bad", "degraded": "bad",
    "draining": "busy",
}

# Markup, a direction of writing that turns what follows around, a zero byte, half a surrogate pair, and great length.
HARMFUL = [
    "<img src=x onerror=\"window.harmed=1\">", "</script><script>window.harmed=1</script>", "\u202egnp.exe", "a\u0000b", "\ud800",
    "{{constructor.constructor('window.harmed=1')()}}", "x" * 4000, "  ", "",
]


def feed(state="serving_well", names=("a",), count=7):
    rows = [[1_800_000_000 + 10 * step, step, step % 7, 3, 2**20 * step, 2**19, step % 5, 2**20 * step, 2**24, 3]
            for step in range(count)]
    return {
        "version": "0", "now": 1_800_003_600, "uptime_seconds": 5000, "driver": "epoll", "loops": 1,
        "headline": {"state": state, "title": f"Title of {state}", "why": f"Why {state}.", "change": f"Change {state}."},
        "hints": [{"id": name, "text": name, "advice": name} for name in names],
        "memory": {"budget_bytes": 2**30, "used_bytes": 2**29, "value_bytes": 2**28, "chunks": 5, "tokens": 1280},
        "disks": [{"path": name, "state": name or "off", "size_bytes": 2**40, "used_bytes": 2**39, "chunks": 9, "queue_bytes": 1,
                   "written_bytes": 2, "read_bytes": 3, "checksum_failures": 4, "reason": name} for name in names],
        "models": [{"model": name, "memory_chunks": 2, "memory_bytes": 2**20, "disk_chunks": 3, "disk_bytes": 2**21, "memory_tokens": 512,
                    "disk_tokens": None, "tokens": None,
                    "hits": 1, "misses": 2} for name in names],
        "clients": [{"client": name, "written_chunks": 1, "read_chunks": 2, "read_of_others": 1} for name in names],
        "connections": {"now": 3, "limit": 100, "lm": 1, "resp": 1, "http": 1, "tls": 0},
        "totals": {"hits_memory": 2**60, "hits_disk": 2, "misses": 3, "read_bytes": 2**62, "written_bytes": 5, "evictions": 6,
                   "dropped": 7},
        "recent": {"seconds": 60, "hits_memory": 1, "hits_disk": 2, "misses": 3, "read_bytes_per_second": 4,
                   "written_bytes_per_second": 5, "evictions": 6},
        "history": {"step_seconds": 10, "rows": rows, "columns": [
            "at", "hits_memory", "hits_disk", "misses", "read_bytes", "written_bytes", "evictions", "used_bytes", "disk_bytes",
            "connections"]},
        "rooms": {"now": 0.61, "curve": [{"times": 0.5, "ratio": 0.4}, {"times": 1, "ratio": 0.61}, {"times": 2, "ratio": 0.78}]},
        "holds_seconds": 12345,
    }


def broken():
    """Each has something missing, or of another kind than was agreed."""
    yield {}
    yield []
    yield None
    for name in feed():
        for value in (None, "text", -1, [], {}, [None], [[]], {"rows": [[None]], "columns": ["at"], "curve": [{}]}):
            yield {**feed(), name: value}

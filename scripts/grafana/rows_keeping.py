"""What is kept, what goes and why: memory, eviction, quotas, a disk behind memory."""

from panels import Panel, Row
from rows_serving import NO_PROMPTS, percentiles, quantile

MEMORY = Row("Memory", [
    Panel("Used against budget", "bytes", "The budget is what pages, index and buffers may add up to. Near it is "
          "normal once the cache is full.", {"budget": "sum(<memory_budget_bytes>)", "used": "sum(<memory_used_bytes>)",
                                 "most ever used": "sum(<memory_used_bytes_high_water>)"}),
    Panel("What it is used for", "bytes", "Index large: small chunks or a large disk; buffers large: many connections.",
          {"{{use}}": "sum by (use) (<memory_bytes>)"}, stacked=True),
    Panel("Chunks", "short", "Held in memory or on disk; of those, on disk alone. Falls without evictions: somebody "
          "deletes or flushes.", {"held": "sum(<objects>)", "on disk alone": "sum(<disk_only_chunks>)"}),
    Panel("Real memory", "bytes", "Backed by real pages: below the budget for long, the system has no more. Headroom: "
          "what readers may still keep of memory that was replaced; at 0 replies are copied.",
          {"backed by pages": "sum(<populated_bytes>)", "headroom for lending": "min(<lending_headroom_bytes>)"}),
    Panel("Arriving, promised", "bytes", "Pages of bodies that still arrive: at half the budget, writers are too many "
          "or too slow. Promised: chunks that wait for their fetch.",
          {"arriving": "sum(<in_flight_bytes>)", "promised": "sum(<leased_bytes>)"}),
    Panel("Bodies arriving", "none", "How many PUTs are under way.", {"bodies": "sum(<in_flight_bodies>)"}),
])

EVICTION = Row("Eviction", [
    Panel("Evictions by reason", "cps", "What chunks gave way for. pages is normal once full; buffers: too many "
          "connections; system: others took the machine's memory.",
          {"{{for}}": "sum by (for) (rate(<evictions_total>[RATE]))"},
          stacked=True),
    Panel("Age at eviction", "s", "How long chunks had been in memory that left it to make room. Below the time "
          "between two turns of a conversation: more memory, or a disk.", percentiles("chunk_lifetime_seconds")),
    Panel("Unused before eviction", "s", "How long nobody had stored or fetched them. Near the age: most are never "
          "used again.", percentiles("chunk_idle_before_evict_seconds")),
    Panel("Time between uses", "s", "From the last use of a chunk to its next fetch. Its long end beyond the age at "
          "eviction is what memory cannot hold.", percentiles("chunk_reuse_gap_seconds")),
    Panel("Wanted again after eviction", "cps", "Wishes for chunks that were evicted, as far as that is remembered. "
          "Many: memory is too small; few: more would not help.",
          {"wished for": "sum(rate(<chunk_evict_reuse_gap_seconds_count>[RATE]))"}, width=4),
    Panel("How soon", "s", "From the eviction of a chunk to the next wish for it.",
          {"half are sooner": quantile(0.5, "chunk_evict_reuse_gap_seconds")}, width=4),
    Panel("Evicted although it came back", "cps", "Chunks that gave way, by how often they had come back. Those of "
          "many reuses: memory is far too small.",
          {"{{reuses}}": "sum by (reuses) (rate(<class_evictions_total>[RATE]))"},
          stacked=True, nothing=NO_PROMPTS),
])

QUOTAS = Row("Quotas", [
    Panel("Held of a quota", "percentunit", "Memory of its chunks. Full is no fault.",
          {"{{quota}}": "sum by (quota) (<quota_bytes>) / sum by (quota) (<quota_limit_bytes>)"},
          nothing="no --quota", highest=1),
    Panel("Chunks of a quota", "short", "In memory. Stays 0: no key fits, compare the name with those of SCAN.",
          {"{{quota}}": "sum by (quota) (<quota_chunks>)"}, nothing="no --quota"),
    Panel("Pushed out, dropped", "cps", "Chunks that left for others of their quota, and bodies that were not kept "
          "because it had no room.", {"{{quota}} pushed out": "sum by (quota) (rate(<quota_evictions_total>[RATE]))",
                           "{{quota}} dropped": "sum by (quota) (rate(<quota_drops_total>[RATE]))"},
          nothing="no --quota"),
], collapsed=True)

NO_DISK = "no disk"
AMPLIFICATION = ("sum by (instance, path) (rate(<disk_written_bytes_total>[RATE])) "
                 "/ sum by (instance, path) (rate(<disk_written_value_bytes_total>[RATE]))")
OF_USE = ("sum by (instance, path) (increase(<disk_first_read_bytes_total>[$__range])) "
          "/ sum by (instance, path) (increase(<disk_written_value_bytes_total>[$__range]))")
FULL = "1 - sum by (instance, path) (<disk_segments_free>) / sum by (instance, path) (<disk_segments>)"
FAILURES = {
    "checksum": "checksum_failures", "torn by a crash": "torn_chunks", "read": "read_failures",
    "write": "write_failures", "given up": "impatient_reads",
}


def each(family):
    return f"sum by (instance, path) ({family})"


DISK = Row("Disk", [
    Panel("State", "none", "Anything but serving for long wants a look: starting, waiting for another process, "
          "loading, read_only, off.",
          {"{{instance}} {{path}} {{state}}": "max by (instance, path, state) (<disk_state>) == 1"},
          kind="state-timeline", nothing=NO_DISK),
    Panel("Segments in use", "percentunit", "Full is normal: old chunks make room for new ones.",
          {"{{instance}} {{path}}": FULL}, nothing=NO_DISK, highest=1),
    Panel("What it takes", "bytes", "The files, and the chunks in them that live.",
          {"{{instance}} {{path}} files": each("<disk_allocated_bytes>"),
           "{{instance}} {{path}} living chunks": each("<disk_living_bytes>")}, nothing=NO_DISK),
    Panel("Chunks on disk", "short", "Chunks with a copy on disk, which a restart finds again.",
          {"{{instance}} {{path}}": each("<disk_chunks>")}, nothing=NO_DISK),
    Panel("Latency of reads", "s", "How long chunks took to be brought up. Longer than computing them: the disk does "
          "harm.",
          percentiles("disk_read_seconds"), nothing=NO_DISK),
    Panel("Latency of writes", "s", "How long batches of chunks took to be written. Seconds: the disk is overloaded.",
          percentiles("disk_write_seconds"), nothing=NO_DISK),
    Panel("Reads, writes", "binBps", "Bytes of chunks brought into memory, and of all that was written.",
          {"{{instance}} {{path}} read": each("rate(<disk_read_bytes_total>[RATE])"),
           "{{instance}} {{path}} written": each("rate(<disk_written_bytes_total>[RATE])")}, nothing=NO_DISK),
    Panel("Wear: written in a day", "bytes", "Bytes a day at the rate of the last hour. Over the drive's capacity: "
          "full writes a day, to compare with its warranty (DWPD).",
          {"{{instance}} {{path}}": each("rate(<disk_written_bytes_total>[1h])") + " * 86400"}, nothing=NO_DISK),
    Panel("Amplification", "none", "All bytes written over those of chunks.", {"{{instance}} {{path}}": AMPLIFICATION},
          nothing=NO_DISK),
    Panel("Written and ever read", "percentunit", "Share of the chunks' bytes written in the chosen time that were "
          "read for the first time. Near nothing: --disk-write evicted or a lower rate spares the drive.",
          {"{{instance}} {{path}}": OF_USE}, nothing=NO_DISK),
    Panel("Not written", "cps", "Chunks that were not written. queue_full: they left memory before the disk came to "
          "them, which is slower than what is stored; rate: --disk-write-rate holds it back; too_large: more than a "
          "segment of the disk; failed: see Failures.",
          {"{{path}} {{reason}}": "sum by (path, reason) (rate(<disk_dropped_chunks_total>[RATE]))"}, nothing=NO_DISK),
    Panel("Waiting to be written", "bytes", "What memory gives up as soon as it is written. At a sixteenth of the "
          "budget, over the number of disks: what comes besides is queue_full.",
          {"{{instance}} {{path}}": each("<disk_queue_bytes>")}, nothing=NO_DISK),
    Panel("Chunks moved", "cps", "Written; read; read ahead for a look-up; left memory and stayed on disk; replaced or "
          "deleted.", {"written": "sum(rate(<disk_written_chunks_total>[RATE]))",
                       "read": "sum(rate(<disk_read_chunks_total>[RATE]))",
                       "read ahead": "sum(rate(<disk_read_ahead_chunks_total>[RATE]))",
                       "left memory": "sum(rate(<disk_demoted_chunks_total>[RATE]))",
                       "replaced, deleted": "sum(rate(<disk_buried_chunks_total>[RATE]))"}, nothing=NO_DISK),
    Panel("Lost to make room", "cps", "Chunks lost with their segment, chunks kept from that, and segments used again. "
          "Lost fast: the disk is too small; many rescued: it writes them again, see wear.",
          {"{{path}} lost": "sum by (path) (rate(<disk_reclaimed_chunks_total>[RATE]))",
           "{{path}} rescued": "sum by (path) (rate(<disk_rescued_chunks_total>[RATE]))",
           "{{path}} segments": "sum by (path) (rate(<disk_reclaimed_segments_total>[RATE]))"}, nothing=NO_DISK),
    Panel("Brought up for look-ups", "cps", "What came of them. Mostly wasted: clients look up what they do not fetch.",
          {"{{outcome}}": "sum by (outcome) (rate(<disk_staged_chunks_total>[RATE]))"}, nothing=NO_DISK, width=4),
    Panel("Waiting to be fetched", "bytes", "Brought up for look-ups, in memory, not fetched yet.",
          {"waiting": "sum(<disk_staged_bytes>)"}, nothing=NO_DISK, width=4),
    Panel("Failures", "none", "Any checksum failure: replace the drive; what failed was not served. Reads and writes: "
          "look at the kernel's log. Given up: the disk did not answer within 10 s.",
          {f"{{{{path}}}} {title}": f"sum by (path) (increase(<disk_{name}_total>[RATE]))"
           for title, name in FAILURES.items()}, nothing=NO_DISK, width=12),
    Panel("Found at the start", "short", "Chunks. 0 after a restart: another directory, or it was emptied.",
          {"{{instance}} {{path}}": each("<disk_found_chunks_total>")}, nothing=NO_DISK, width=6),
    Panel("Time to find them", "s", "Long: fewer or larger chunks, or a faster disk.",
          {"{{instance}} {{path}}": each("<disk_recovery_seconds_total>")}, nothing=NO_DISK, width=6),
], collapsed=True)

ROWS = [MEMORY, EVICTION, QUOTAS, DISK]

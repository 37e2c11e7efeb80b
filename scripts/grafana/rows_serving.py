"""What the server does for its engines: at a glance, what is found, how fast, what was promised."""

from panels import Panel, Row

NO_PROMPTS = "--policy lru"
HIT_SHARE = 'sum(rate(<lookups_total outcome="hit">[RATE])) / sum(rate(<lookups_total>[RATE]))'
FOUND_SHARE = 'sum(rate(<prompt_chunks_total outcome="found">[RATE])) / sum(rate(<prompt_chunks_total>[RATE]))'
DROPPED = "sum(rate(<dropped_puts_total>[RATE]))"
DROPPED_SHARE = f"{DROPPED} / ({DROPPED} + sum(rate(<published_total>[RATE])))"
ABOUT_A_SERVER = (
    "<uptime_seconds> * on (job, instance) group_left (version, boot_id) <info> "
    "* on (job, instance) group_left (driver, reason) <io_driver_info>"
)


def quantile(part, family):
    """Of a family that may have labels: name label="x"."""
    name, _, own = family.partition(" ")
    bucket = f"<{name}_bucket{' ' + own if own else ''}>"
    return f"histogram_quantile({part}, sum by (le) (rate({bucket}[RATE])))"


def percentiles(family):
    parts = (("half are faster", 0.5), ("9 of 10", 0.9), ("99 of 100", 0.99))
    return {title: quantile(part, family) for title, part in parts}


def number(title, unit, description, query, **more):
    return Panel(title, unit, description, {title: query}, kind="stat", width=4, height=4, **more)


GLANCE = Row("At a glance", [
    number("Servers", "none", "Servers that Prometheus has scraped just now. Chunks live in one process: two servers "
           "behind one address each hold a part.", "count(<uptime_seconds>)"),
    number("Memory used", "percentunit", "Of the budget. Near 100 % is normal once the cache is full.",
           "sum(<memory_used_bytes>) / sum(<memory_budget_bytes>)"),
    number("Look-ups that hit", "percentunit", "Share of look-ups that found their chunk.", HIT_SHARE),
    number("Prompt chunks found", "percentunit", "Share of the chunks of prompts that need not be computed: what the "
           "server is for.", FOUND_SHARE, nothing=NO_PROMPTS),
    number("Connections of engines", "none", "Open connections of lm and RESP. 0 while engines run: they have lost the "
           "server, and lm clients do not come back by themselves.", 'sum(<connections protocol=~"lm|resp">)'),
    number("Shortest uptime", "s", "Since the latest start of a chosen server. A restart loses what is not on a disk.",
           "min(<uptime_seconds>)"),
    number("Sent", "binBps", "Bytes sent to clients a second: the load of GETs.",
           "sum(rate(<sent_bytes_total>[RATE]))"),
    number("Received", "binBps", "Bytes received from clients a second: the load of PUTs.",
           "sum(rate(<received_bytes_total>[RATE]))"),
    number("GET, 99 of 100", "s", "99 of 100 GETs are faster, network and client included.",
           quantile(0.99, 'request_duration_seconds command="get"')),
    number("PUTs dropped", "percentunit", "Share of PUTs that were received and not kept. By reason: Refusals, errors.",
           DROPPED_SHARE, warns=(0.001, 0.01)),
    number("Promises broken", "none", "GETs within the chosen time that missed although a look-up had promised the "
           "chunk, and nobody had deleted it. Any is a bug: report it.",
           'sum(increase(<leases_broken_total cause="evicted">[$__range]))', warns=(1, 1)),
    number("Disks not serving", "none", "Disks that load, only read, or are left out.",
           'sum(<disk_state state!="serving">)', warns=(1, 2), nothing="no disk"),
    Panel("Which server this is", "s", "Another boot id is a restart. epoll where io_uring was meant: the reason says "
          "why.",
          {"uptime": ABOUT_A_SERVER}, kind="table", width=24, height=5, columns={
              "instance": "Instance", "namespace": "Namespace", "pod": "Pod", "version": "Version",
              "boot_id": "Boot id", "driver": "Driver", "reason": "Why this driver", "Value": "Uptime"}),
])

FOUND = Row("What is found", [
    Panel("Shares that hit", "percentunit", "Of look-ups, of fetches, and of the chunks of prompts. Look-ups that all "
          "miss: engines disagree about keys (PYTHONHASHSEED, model path, dtype, LMCache version). Fetches below "
          "look-ups: chunks went in between, see Promises.", {
              "look-ups": HIT_SHARE,
              "fetches": 'sum(rate(<fetches_total outcome="hit">[RATE])) / sum(rate(<fetches_total>[RATE]))',
              "chunks of prompts": FOUND_SHARE}, highest=1),
    Panel("Hit ratio by tier", "percentunit", "Share of fetches that memory and disk served. Mostly disk: memory holds "
          "less than what comes back.", {"{{tier}}": "sum by (tier) (rate(<hits_total>[RATE])) "
                                    "/ scalar(sum(rate(<fetches_total>[RATE])))"}, stacked=True, highest=1),
    Panel("Served by tier", "binBps", "Bytes fetched a second, by the tier that had them when they were wanted.",
          {"{{tier}}": "sum by (tier) (rate(<hit_bytes_total>[RATE]))"}, stacked=True),
    Panel("Look-ups", "reqps", "By answer. Refused: answered no although the chunk was there, because it might have "
          "gone before the fetch; memory turns over within seconds.",
          {"{{outcome}}": "sum by (outcome) (rate(<lookups_total>[RATE]))"}, stacked=True),
    Panel("Prompts", "cps", "By how much of each was here. Mostly none: engines may disagree about keys.",
          {"{{found}}": "sum by (found) (rate(<prompts_total>[RATE]))"}, stacked=True, nothing=NO_PROMPTS),
    Panel("Chunks of prompts", "cps", "Found, or stored anew.",
          {"{{outcome}}": "sum by (outcome) (rate(<prompt_chunks_total>[RATE]))"}, stacked=True, nothing=NO_PROMPTS),
    Panel("Would more memory help?", "percentunit", "Share of chunks that the order of last use would find with so "
          "many times the room. 2.0 well above 1.0: more memory pays.",
          {"{{room}} times": "avg by (room) (<found_share>)"}, kind="bargauge", nothing=NO_PROMPTS,
          highest=1),
    Panel("How often chunks come back", "cps", "Chunks found, by how often each had come back before. Mostly 0: little "
          "is shared.", {"{{reuses}}": "sum by (reuses) (rate(<chunk_uses_total>[RATE]))"}, stacked=True,
          nothing=NO_PROMPTS),
    Panel("What decides on eviction", "none", "1 while what was learnt decides, 0 while the order of last use does. "
          "Mixed: prompts cannot be told apart, as when many engines share a host and RESP. Alike: chunks of one age "
          "are worth about the same, so age alone decides.",
          {"learnt is trusted": "min(<policy_trusted>)", "prompts are mixed": "max(<policy_prompts_mixed>)",
           "classes are alike": "max(<policy_classes_alike>)",
           "order of last use would find, of what was found":
           "sum(rate(<last_use_found_chunks>[RATE])) / sum(rate(<chunk_uses_total>[RATE]))"}, nothing=NO_PROMPTS),
])

SPEED = Row("Throughput, latency", [
    Panel("Throughput", "binBps", "Bytes a second. Drained: received only to be dropped, so engines work in vain.",
          {"sent": "sum(rate(<sent_bytes_total>[RATE]))", "received": "sum(rate(<received_bytes_total>[RATE]))",
           "drained": "sum(rate(<drained_bytes_total>[RATE]))"}),
    Panel("Requests", "reqps", "By command and protocol.",
          {"{{command}} {{protocol}}": "sum by (command, protocol) (rate(<requests_total>[RATE]))"}),
    Panel("Chunks stored", "cps", "Stored, stored over an older one, gone because their own time had come. Stored over "
          "near stored: engines compute the same prompts at once, or look-ups miss what is here.",
          {"stored": "sum(rate(<published_total>[RATE]))", "over an older one": "sum(rate(<overwrites_total>[RATE]))",
           "expired": "sum(rate(<expired_total>[RATE]))"}),
    Panel("GET", "s", "From the request to the end of its reply; by RESP until the reply is made. Slow: the network or "
          "the client, compare Loops and the latency of the disk.",
          percentiles('request_duration_seconds command="get"')),
    Panel("EXIST", "s", "From the request to the end of its reply. An engine waits for it before it begins to compute.",
          percentiles('request_duration_seconds command="exist"')),
    Panel("PUT", "s", "From the request to the end of its body: it is as slow as the client sends.",
          percentiles('request_duration_seconds command="put"')),
    Panel("Size of a chunk", "bytes", "Of those stored, on average.",
          {"stored": "sum(rate(<published_bytes_total>[RATE])) / sum(rate(<published_total>[RATE]))"}),
    Panel("From look-up to fetch", "s", "How long engines take between asking and fetching, and how long a look-up "
          "promises a chunk at present.",
          percentiles("lookup_to_fetch_seconds") | {"promised": "min(<lease_seconds>)"}),
    Panel("Sent without copying", "binBps", "Lent to the kernel; replaced before its next use; given back because the "
          "system had too little to replace it, so the container is short of memory.",
          {"lent": "sum(rate(<lent_bytes_total>[RATE]))", "renewed": "sum(rate(<renewed_bytes_total>[RATE]))",
           "given back": "sum(rate(<unrenewed_bytes_total>[RATE]))"}),
])

PROMISES = Row("Promises", [
    Panel("Given, kept, refused", "cps", "A look-up that hits promises its chunk for a while. Given: promised or "
          "prolonged. Kept: fetched after a look-up. Refused: answered no although the chunk was there.",
          {"given": "sum(rate(<leases_granted_total>[RATE]))",
           "kept": "sum(rate(<lookup_to_fetch_seconds_count>[RATE]))",
           "refused": "sum(rate(<leases_refused_total>[RATE]))"}),
    Panel("Broken", "none", "GETs that missed within what a look-up had promised. evicted is a bug: report it; "
          "removed: a client deleted it. Of a chunk that had been fetched in between: several engines fetch what one "
          "asked for.",
          {"{{cause}}": "sum by (cause) (increase(<leases_broken_total>[RATE]))",
           "missed after a fetch": "sum(increase(<misses_after_fetch_total>[RATE]))"}),
    Panel("Promised of the budget", "percentunit", "Memory of promised chunks and of bodies that still arrive. Near "
          "all of it: memory is too small for what is asked for at once.",
          {"promised": "sum(<leased_bytes>) / sum(<memory_budget_bytes>)",
           "arriving": "sum(<in_flight_bytes>) / sum(<memory_budget_bytes>)"}, highest=1),
])

ROWS = [GLANCE, FOUND, SPEED, PROMISES]

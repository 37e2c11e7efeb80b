"""What the server runs on: its loops, TLS, the look-up registry."""

from panels import Panel, Row
from rows_serving import percentiles

LOOPS = Row("Loops", [
    Panel("Loop lag", "s", "How long turns of loops took; whatever is ready waits no longer. Above 50 ms: too few "
          "CPUs, or throttling; compare the container's throttled time.", percentiles("loop_lag_seconds")),
    Panel("Longest turn of each loop", "s", "In the last one or two minutes. One loop alone: one heavy client. Above 5 "
          "s probes fail.", {"{{instance}} {{loop}}": "max by (instance, loop) (<loop_lag_longest_seconds>)"}),
    Panel("Loops", "none", "Event loops. Fewer than cores: a CPU quota, or --loops.",
          {"{{instance}}": "max by (instance) (<loops>)"}, width=4),
    Panel("Uptime", "s", "Falls: it was restarted; look for an OOM kill.",
          {"{{instance}}": "max by (instance) (<uptime_seconds>)"}, width=4),
])

NO_TLS = "no TLS"
TLS = Row("TLS", [
    Panel("Certificate expires in", "s", "Less than two weeks: renew it. An expired one is used all the same, and "
          "clients turn away.",
          {"{{instance}}": "min by (instance) (<tls_certificate_expiry_timestamp_seconds>) - time()"},
          nothing=NO_TLS, lowest=None),
    Panel("Handshakes", "cps", "Full, or resumed, which cost less. Many full ones of few clients: they keep neither "
          "connections nor tickets.",
          {"{{kind}}": "sum by (kind) (rate(<tls_handshakes_total>[RATE]))"}, nothing=NO_TLS),
    Panel("Handshakes that failed", "none", "The reason names what the client lacks.",
          {"{{reason}}": "sum by (reason) (increase(<tls_handshake_failures_total>[RATE])) > 0"}, nothing="none"),
    Panel("Handshakes under way", "none", "Or waiting. Stays high: clients that connect and say nothing.",
          {"{{instance}}": "sum by (instance) (<tls_handshakes_in_flight>)"}, nothing=NO_TLS),
    Panel("Ends of connections", "none", "Cut: without saying so, as most clients do. Broken: bytes were changed or "
          "made up.",
          {"cut": "sum(increase(<tls_cut_ends_total>[RATE]))",
           "broken": "sum(increase(<tls_broken_records_total>[RATE]))"}, nothing=NO_TLS),
    Panel("Certificate read again", "none", "failed: the log names the file, and the old certificate is in use.",
          {"{{outcome}}": "sum by (outcome) (increase(<tls_reloads_total>[RATE]))"}, nothing=NO_TLS),
], collapsed=True)

NO_REGISTRY = "no --lookup"
ANNOUNCED = {"told": "published", "withdrawn": "withdrawn", "everything told": "complete", "news lost": "overflows",
             "failed": "failures"}
REGISTRY = Row("Look-up registry", [
    Panel("Memory", "bytes", "Near the budget: entries are dropped. Gaps wait to be closed up.",
          {"budget": "sum(<registry_budget_bytes>)", "used": "sum(<registry_used_bytes>)",
           "gaps": "sum(<registry_gap_bytes>)"}, nothing=NO_REGISTRY),
    Panel("Entries", "short", "Which engine has which chunk.",
          {"entries": "sum(<registry_entries>)"}, nothing=NO_REGISTRY),
    Panel("Dropped for want of room", "cps", "Grows: raise --registry-memory.",
          {"dropped": "sum(rate(<registry_dropped_total>[RATE]))"}, nothing=NO_REGISTRY),
    Panel("Owners", "none", "Engines that have entries. hidden: one ended, or cannot be reached.",
          {"{{state}}": "sum by (state) (<registry_owners>)"}, nothing=NO_REGISTRY),
    Panel("Keys looked up", "reqps", "Mostly absent: engines do not register, or keys differ.",
          {"{{outcome}}": "sum by (outcome) (rate(<registry_lookups_total>[RATE]))"}, nothing=NO_REGISTRY),
    Panel("Keys entered, removed", "reqps", "By outcome.",
          {"{{outcome}}": "sum by (outcome) (rate(<registry_registrations_total>[RATE]))"}, nothing=NO_REGISTRY),
    Panel("Looks after owners", "cps", "unreachable: engines cannot be reached from here.",
          {"{{outcome}}": "sum by (outcome) (rate(<registry_checks_total>[RATE]))"}, nothing=NO_REGISTRY),
    Panel("Announcing elsewhere: connected", "none", "1 while chunks are announced in a registry elsewhere; 0: it "
          "cannot be reached.", {"{{instance}}": "min by (instance) (<announce_connected>)"},
          nothing="no --lookup-url"),
    Panel("Announcing elsewhere", "cps", "Failed: address or password. News lost often: that registry is too slow.",
          {title: f"sum(rate(<announce_{name}_total>[RATE]))" for title, name in ANNOUNCED.items()},
          nothing="no --lookup-url"),
], collapsed=True)

ROWS = [LOOPS, TLS, REGISTRY]

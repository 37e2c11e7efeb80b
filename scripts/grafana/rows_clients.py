"""Who uses the server, and who was turned away: connections, refusals, models, tags, clients."""

from panels import Panel, Row

REFUSED = "sum by (reason) (increase(<refusals_total>[RATE])) > 0"
BADLY = 'outcome=~"refused|aborted|drained|too_large"'
ENDED_BADLY = f"sum by (command, outcome) (increase(<requests_total {BADLY}>[RATE])) > 0"
# Rows that stand for no name by themselves say little of who does what.
NAMED = 'client!~"none|other"'
NEVER_READ = (
    f"sum by (job, instance, client) (<client_puts_total {NAMED}>) > 1000 "
    "and sum by (job, instance, client) (<client_read_by_others_total>) == 0"
)
READS_NOTHING = (
    f'sum by (job, instance, client) (<client_lookups_total outcome="miss", {NAMED}>) > 1000 '
    'and sum by (job, instance, client) (<client_hits_total stored_by="other">) == 0'
)

REFUSALS = Row("Refusals, errors", [
    Panel("Refusals by reason", "none", "Connections and requests that were turned away or cut off. The README's "
          "table for 3 a.m. names the reasons that matter.", {"{{reason}}": REFUSED}, nothing="none"),
    Panel("PUTs dropped by reason", "none", "Bodies that were received and not kept. no_memory: budget too small or "
          "readers too slow; too_large: a chunk beyond half the budget; quota: its quota had no room.",
          {"{{reason}}": "sum by (reason) (increase(<dropped_puts_total>[RATE])) > 0"}, nothing="none"),
    Panel("Requests that ended otherwise", "none", "Refused, cut off, drained or too large, by command.",
          {"{{command}} {{outcome}}": ENDED_BADLY}, nothing="none"),
    Panel("Log lines lost", "none", "Nobody read them fast enough: the log's reader is stuck.",
          {"lines": "sum(increase(<log_lines_dropped_total>[RATE]))"}),
    Panel("Accepting rested", "none", "For want of descriptors or memory: raise ulimit -n.",
          {"pauses": "sum(increase(<accept_pauses_total>[RATE]))"}),
    Panel("Lending paused", "none", "Times that replies were copied from then on, for want of memory: the container is "
          "short of it.", {"pauses": "sum(increase(<lending_pauses_total>[RATE]))"}),
])

CONNECTIONS = Row("Connections", [
    Panel("Open", "none", "By protocol. No lm or resp while engines run: they have lost the server.",
          {"{{protocol}}": "sum by (protocol) (<connections>)"}, width=12),
    Panel("Opened", "cps", "Fast: clients connect again and again, see the refusals.",
          {"{{protocol}}": "sum by (protocol) (rate(<connections_total>[RATE]))"}, width=12),
])


def by(what, labels, legend, advice):
    """What every table of names has: models, tags and clients alike."""
    def total(name, more=""):
        return f"sum by ({labels}) (rate(<{what}_{name}{more}>[RATE]))"

    def share(name):
        hit = ' outcome="hit"'
        return f"{total(name, hit)} / {total(name)}"

    return [
        Panel("Held", "bytes", f"Bytes by the fastest tier that has them. {advice}",
              {f"{legend} {{{{tier}}}}": f"sum by ({labels}, tier) (<{what}_bytes>)"}, stacked=True),
        Panel("Chunks", "short", "0 of one that stores: it is evicted as fast.",
              {f"{legend} {{{{tier}}}}": f"sum by ({labels}, tier) (<{what}_chunks>)"}, stacked=True),
        Panel("Look-ups that hit", "percentunit", "For each by itself.", {legend: share("lookups_total")}, highest=1),
        Panel("Stored", "binBps", "Bytes a second: who writes.", {legend: total("put_bytes_total")}),
        Panel("Fetched", "binBps", "Bytes a second: who reads.", {legend: total("fetched_bytes_total")}),
        Panel("Fetches that hit", "percentunit", "For each by itself. Below the look-ups: chunks go before they are "
              "fetched.",
              {legend: share("fetches_total")}, highest=1),
    ]


SHARED = "One holds most: consider a quota or a server of its own."
MODELS = Row("By model", by("model", "model", "{{model}}", SHARED) + [
    Panel("Chunks stored", "cps", "A second, for each model.",
          {"{{model}}": "sum by (model) (rate(<model_puts_total>[RATE]))"}),
], collapsed=True)
TAGS = Row("By tag", by("tag", "tag, value", "{{tag}} {{value}}", SHARED) + [
    Panel("Chunks stored", "cps", "A second, for each tag.",
          {"{{tag}} {{value}}": "sum by (tag, value) (rate(<tag_puts_total>[RATE]))"}),
], collapsed=True)

CLIENTS = Row("By client", [
    Panel("Writes but is never read by others", "short", "Clients that stored more than 1,000 chunks of which no other "
          "client ever fetched one. Where several engines serve one model: compare model path, dtype, PYTHONHASHSEED "
          "and LMCache's version. Behind a gateway all clients have one address, and this says nothing.",
          {"chunks": NEVER_READ},
          kind="table", width=12, nothing="none",
          columns={"instance": "Instance", "client": "Client", "Value": "Chunks stored"}),
    Panel("Reads nothing that others wrote", "short", "Clients with more than 1,000 look-ups that missed, and no fetch "
          "of what another had stored.", {"look-ups": READS_NOTHING}, kind="table", width=12, nothing="none",
          columns={"instance": "Instance", "client": "Client", "Value": "Look-ups that missed"}),
    *by("client", "client", "{{client}}", "Held of what a client stored."),
    Panel("Connections", "none", "0 of an engine that runs: it has lost the server.",
          {"{{client}}": "sum by (client) (<client_connections>)"}),
    Panel("Whose chunks it fetched", "cps", "By who had stored them. Never other beside many misses: keys differ "
          "between engines.",
          {"{{client}} {{stored_by}}": "sum by (client, stored_by) (rate(<client_hits_total>[RATE]))"}),
    Panel("Read by others", "cps", "Fetches by other clients of what it had stored.",
          {"{{client}}": "sum by (client) (rate(<client_read_by_others_total>[RATE]))"}),
    Panel("Chunks stored", "cps", "A second, by each client.",
          {"{{client}}": "sum by (client) (rate(<client_puts_total>[RATE]))"}),
], collapsed=True)

ROWS = [REFUSALS, CONNECTIONS, MODELS, TAGS, CLIENTS]

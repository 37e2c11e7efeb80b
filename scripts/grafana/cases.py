"""When each alert of deploy/grafana/alerts.yaml fires, and when not: what promtool is asked. A sample a minute."""

import dataclasses

from panels import PREFIX

HERE = {"job": "lmcache", "instance": "cache:65432"}
HOUR, DAY = 60, 86400


@dataclasses.dataclass
class Case:
    alert: str
    # Name of a series, with the labels that are its own, and its samples in promtool's notation.
    samples: dict
    # Minutes at which nothing of this alert fires, and at which it does.
    quiet: tuple = ()
    fires: tuple = ()
    # Labels of the alert besides job, instance and severity; the values that its texts show.
    labels: dict = dataclasses.field(default_factory=dict)
    shown: str = ""
    here: bool = True


def series(name, own=""):
    """One of ours, where the server is: series('disk_state', 'path="/a"')."""
    labels = [f'{label}="{value}"' for label, value in HERE.items()] + ([own] if own else [])
    return f"{PREFIX}{name}{{{', '.join(labels)}}}"


def growing(name, own, samples="0x5 1+1x200"):
    return {series(name, own): samples}


UP, ELSEWHERE = 'up{job="lmcache", instance="cache:65432"}', 'up{job="other", instance="other:80"}'
UPTIME = series("uptime_seconds")
FIRST, SECOND, THIRD = (series("info", f'version="1", boot_id="{boot}"') for boot in "abc")
HIT, MISS, REFUSED = (series("lookups_total", f'outcome="{outcome}"') for outcome in ("hit", "miss", "refused"))
WRITER, READER = 'client="10.0.0.1"', 'client="10.0.0.2"'
CONNECTED, ALONE = series("client_connections", READER), series("client_connections", WRITER)
PUTS, READ = series("client_puts_total", WRITER), series("client_read_by_others_total", WRITER)
EXPIRY = series("tls_certificate_expiry_timestamp_seconds")
CONTAINER = '{namespace="cache", pod="cache-0", container="lmcache-server"}'
WORKING_SET, LIMIT = f"container_memory_working_set_bytes{CONTAINER}", f"container_spec_memory_limit_bytes{CONTAINER}"
OF_CONTAINER = {"namespace": "cache", "pod": "cache-0", "container": "lmcache-server"}


def state(name):
    return series("disk_state", f'path="/disk", state="{name}"')


def lag(le, each_minute):
    return {series("loop_lag_seconds_bucket", f'le="{le}"'): f"0+{each_minute}x60"}


def dropped(reason):
    return series("dropped_puts_total", f'reason="{reason}"')


def turned_away(reason):
    return series("refusals_total", f'reason="{reason}"')


DISK = {"path": "/disk"}
FAILURES = ("read_failures", "write_failures", "impatient_reads")


def failing(way):
    """A disk that fails in one way, and in no other."""
    samples = {series(f"disk_{name}_total", 'path="/disk"'): "0x70" for name in FAILURES}
    samples[series(f"disk_{way}_total", 'path="/disk"')] = "0x5 0+1x60"
    return Case("LMCacheServerDiskFailing", samples, quiet=(5,), fires=(30,), labels=DISK, shown="15")


CASES = [
    Case("LMCacheServerDown", {UP: "1x10 0x60", UPTIME: "0+60x10 stale", ELSEWHERE: "0x70"},
         quiet=(10, 12), fires=(15, 60)),
    Case("LMCacheServerAbsent", {UPTIME: "0+60x20 stale"}, quiet=(20, 30), fires=(40,), here=False),
    Case("LMCacheServerRestarting", {FIRST: "1x5 stale", SECOND: "_x6 1x5 stale", THIRD: "_x12 1x100"},
         quiet=(11, 90), fires=(15,), shown="3"),
    Case("LMCacheServerNoClients", {
        series("connections", 'protocol="lm"'): "3x10 0x60", series("connections", 'protocol="resp"'): "0x70",
        series("connections", 'protocol="http"'): "5x70"}, quiet=(10, 15), fires=(25,)),
    Case("LMCacheServerNothingFound", {HIT: "0x200", MISS: "0+120x200", REFUSED: "0x200"},
         quiet=(80,), fires=(190,)),
    Case("LMCacheServerNothingFound", {HIT: "0+10x200", MISS: "0+120x200", REFUSED: "0x200"}, quiet=(190,)),
    Case("LMCacheServerNothingFound", {HIT: "0x200", MISS: "0+30x200", REFUSED: "0x200"}, quiet=(190,)),
    Case("LMCacheServerClientNeverRead", {PUTS: "0+10x500", READ: "0x500", CONNECTED: "1x500", ALONE: "1x500"},
         quiet=(60,), fires=(300,), labels={"client": "10.0.0.1"}),
    Case("LMCacheServerClientNeverRead", {PUTS: "0+10x500", READ: "0x500", ALONE: "1x500"}, quiet=(300, 490)),
    Case("LMCacheServerClientNeverRead", {PUTS: "0+10x500", READ: "0+1x500", CONNECTED: "1x500", ALONE: "1x500"},
         quiet=(300, 490)),
    Case("LMCacheServerPromiseBroken", growing("leases_broken_total", 'cause="evicted"', "0x5 1x200"),
         quiet=(5, 90), fires=(7,), labels={"cause": "evicted"}),
    Case("LMCacheServerPromiseBroken", growing("leases_broken_total", 'cause="removed"'), quiet=(20, 60)),
    Case("LMCacheServerPromisesRefused", {HIT: "0+540x60", MISS: "0x60", REFUSED: "0+60x60"},
         quiet=(5,), fires=(20,), shown="1"),
    Case("LMCacheServerPromisesRefused", {HIT: "0+5400x60", MISS: "0x60", REFUSED: "0+6x60"}, quiet=(20, 50)),
    Case("LMCacheServerPutsRefused", {dropped("no_memory"): "0+30x60", dropped("too_large"): "0+30x60",
                                      series("published_total"): "0+600x60"}, quiet=(5,), fires=(20,), shown="1"),
    Case("LMCacheServerPutsRefused", {dropped("connection_lost"): "0+60x60", series("published_total"): "0x60"},
         quiet=(20, 50)),
    Case("LMCacheServerPutsRefused", {dropped("no_memory"): "0+1x60", series("published_total"): "0+600x60"},
         quiet=(20, 50)),
    Case("LMCacheServerConnectionsRefused", {turned_away("max_connections"): "0x5 0+6x60"},
         quiet=(5, 9), fires=(30,), shown="60"),
    Case("LMCacheServerConnectionsRefused", {turned_away("unknown_command"): "0+6x60"}, quiet=(20, 50)),
    Case("LMCacheServerAccessRefused", {turned_away("wrong_password"): "0+30x60", turned_away("lm_closed"): "0+600x60"},
         quiet=(5,), fires=(20,), shown="500m"),
    Case("LMCacheServerAccessRefused", {turned_away("wrong_password"): "0+1x60"}, quiet=(20, 50)),
    Case("LMCacheServerShortOfMemory", growing("unrenewed_bytes_total", ""), quiet=(5, 8), fires=(20,)),
    Case("LMCacheServerShortOfMemory", growing("evictions_total", 'for="system"'), quiet=(5, 8), fires=(20,)),
    Case("LMCacheServerShortOfMemory", growing("evictions_total", 'for="pages"'), quiet=(20, 60)),
    Case("LMCacheServerNearMemoryLimit", {WORKING_SET: "50x10 98x60", LIMIT: "100x70"}, quiet=(10, 13), fires=(30,),
         labels=OF_CONTAINER, shown="98", here=False),
    Case("LMCacheServerNearMemoryLimit", {WORKING_SET: "98x70", LIMIT: "0x70"}, quiet=(30, 60)),
    Case("LMCacheServerLoopLag", lag("0.032768", 90) | lag("0.065536", 100) | lag("+Inf", 100),
         quiet=(5,), fires=(20,), shown="62.26ms"),
    Case("LMCacheServerLoopLag", lag("0.032768", 995) | lag("0.065536", 1000) | lag("+Inf", 1000), quiet=(20, 50)),
    Case("LMCacheServerLoopStuck", {
        series("loop_lag_longest_seconds", 'loop="0"'): "0.01x5 7x5 0.01x30",
        series("loop_lag_longest_seconds", 'loop="1"'): "0.01x60"}, quiet=(5, 20), fires=(8,), shown="7s"),
    Case("LMCacheServerDiskNotServing", {state("serving"): "1x5 0x60", state("read_only"): "0x5 1x60"},
         quiet=(5, 10), fires=(20,), labels=DISK | {"state": "read_only"}),
    Case("LMCacheServerDiskNotServing", {state("loading"): "1x8 0x60", state("serving"): "0x8 1x60"},
         quiet=(8, 20, 60)),
    Case("LMCacheServerDiskChecksumFailures", growing("disk_checksum_failures_total", 'path="/disk"', "0x5 0+1x60"),
         quiet=(5,), fires=(65,), labels=DISK, shown="59"),
    *[failing(name) for name in FAILURES],
    Case("LMCacheServerCertificateExpires", {EXPIRY: f"{10 * DAY}x200"}, quiet=(50,), fires=(2 * HOUR,),
         shown="9d 22h 0m 0s"),
    Case("LMCacheServerCertificateExpires", {EXPIRY: f"{30 * DAY}x200"}, quiet=(50, 2 * HOUR)),
    Case("LMCacheServerCertificateExpired", {EXPIRY: f"{DAY + 3600}x200"}, quiet=(50,), fires=(2 * HOUR,),
         shown="23h 0m 0s"),
    Case("LMCacheServerCertificateExpired", {EXPIRY: "60x200"}, fires=(2 * HOUR,), shown="-1h 59m 0s"),
    Case("LMCacheServerCertificateNotRead", growing("tls_reloads_total", 'outcome="failed"', "0x5 1x200"),
         quiet=(5, 90), fires=(7,), labels={"outcome": "failed"}),
    Case("LMCacheServerCertificateNotRead", growing("tls_reloads_total", 'outcome="done"'), quiet=(20, 60)),
    Case("LMCacheServerRegistryFull", growing("registry_dropped_total", "", "0x5 0+10x100"),
         quiet=(5, 15), fires=(60,), shown="150"),
    Case("LMCacheServerNotAnnounced", growing("announce_connected", "", "1x5 0x100"), quiet=(5, 10), fires=(20,)),
]

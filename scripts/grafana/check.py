"""Runs the checks of scripts/grafana-test.sh that need servers, a load and a Prometheus."""

import argparse
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "metrics"))

import dashboard
import documents
import metrics_page
import pages
import rules
import traffic
from panels import CHOSEN, PREFIX, VARIABLES
from stand import Prometheus, fail, free_port, port_of, running, until
from verdicts import differing, without_data

MEMORY = {"main": 64 << 20, "announcing": 32 << 20}
# A pod has these labels, a server outside Kubernetes has not; the dashboard has to show both.
POD = {"namespace": "cache", "pod": "lmcache-server-0"}
# The span of rates: all that the load did.
SPAN = "10m"
# Absent where nothing limits the memory of the machine or the container.
NOT_EVERYWHERE = {f"{PREFIX}lending_headroom_bytes"}


def doors(log):
    """Ports by what is served there, as the first line of the log has them."""
    found = re.search(r'doors="([^"]*)"', open(log).read())
    return {name: int(port) for name, port in re.findall(r"(\w+) (\d+)", found[1])}


class Stand:
    """A server with everything, one beside it that announces in a Redis, and a Prometheus that scrapes both."""

    def __init__(self, arguments, folder, stack):
        self.arguments, self.folder, self.stack, self.runs = arguments, folder, stack, itertools.count()
        # The authority's day: an alert has to notice that the certificate is near its end.
        tls = os.path.join(folder, "tls")
        subprocess.run([os.path.join(pages.ROOT, "scripts/certificates.sh"), tls, "--days", "1"], check=True)
        self.authority = os.path.join(tls, "ca.crt")
        self.log = os.path.join(folder, "main.log")
        words = [
            arguments.server, "--host", "127.0.0.1", "--port", "0", "--loops", "2", "--memory", str(MEMORY["main"]),
            "--disk", f"{folder}/disk", "--disk-size", "256MiB", "--disk-write", "all", "--disk-write-rate", "1GiB",
            "--lookup", "127.0.0.1:0", "--peer", "127.0.0.1:0", "--quota", "model=org/small:4MiB",
            "--tls-port", "0", "--tls-cert", f"{tls}/server.crt", "--tls-key", f"{tls}/server.key",
        ]
        self.server = stack.enter_context(running(words, self.log))
        self.port = until("the server listens", lambda: port_of(self.log), self.server, self.log)
        self.doors = doors(self.log)
        self.redis_port, self.other_port = free_port(), free_port()
        redis = ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
        stack.enter_context(running(redis, os.path.join(folder, "redis.log")))
        self.other = None
        self.start_other()
        targets = {self.port: POD, self.other_port: {}}
        self.prometheus = Prometheus(folder, targets, rules.PATH)
        log = os.path.join(folder, "prometheus.log")
        process = stack.enter_context(running(self.prometheus.words, log))
        until("Prometheus scrapes both", self.prometheus.is_up, process, log)

    def start_other(self):
        log = os.path.join(self.folder, "other.log")
        words = [
            self.arguments.server, "--host", "127.0.0.1", "--port", str(self.other_port), "--memory",
            str(MEMORY["announcing"]), "--peer", "127.0.0.1:0", "--lookup-url", f"redis://127.0.0.1:{self.redis_port}",
        ]
        self.other = contextlib.ExitStack()
        process = self.other.enter_context(running(words, log))
        until("the other server listens", lambda: port_of(log), process, log)
        self.stack.callback(self.other.close)

    def store_and_read(self):
        traffic.stored_and_read(self.port, next(self.runs))

    def load(self):
        for run in range(3):
            self.store_and_read()
            traffic.encrypted(self.doors["tls"], self.authority)
            traffic.refused(self.port, self.doors["tls"])
            traffic.registered(self.doors["lookup"], f"127.0.0.1:{self.port}")
            traffic.never_read(self.port)
            traffic.bench(self.arguments.bench, self.port)
            traffic.bench(self.arguments.bench, self.other_port)
            if run < 2:
                # Another boot id, and an uptime that falls.
                self.other.close()
                self.start_other()

    def instance(self, port):
        return f"127.0.0.1:{port}"


def eventually(what, found, meanwhile=lambda: None, seconds=60):
    """Asks until there is nothing to complain of: Prometheus knows of a scrape only when it is over, and a disk is read
    only once it has been written."""
    end = time.monotonic() + seconds
    while complaints := found():
        if time.monotonic() > end:
            fail(f"{what}:\n" + "\n".join(complaints))
        time.sleep(0.5)
        meanwhile()


def check_queries(stand, document):
    everything = {name: ".*" for name in VARIABLES}
    both = [stand.instance(stand.port), stand.instance(stand.other_port)]
    queries = [
        (place, query) for place, query in documents.queries(document)
        if not NOT_EVERYWHERE & {PREFIX + name for name, _ in metrics_page.selectors(query)}
    ]
    for title, values in (("all", everything), ("by name", everything | {"job": ["lmcache"], "instance": both})):
        asked = [(place, documents.filled_in(query, values, SPAN)) for place, query in queries]
        eventually(f"no data of servers chosen {title}", lambda: without_data(stand.prometheus.ask, asked),
                   meanwhile=stand.store_and_read)
    print(f"the dashboard's {len(queries)} queries: each has data, whether servers are chosen all or by name")


def check_choice(stand):
    """The variables choose: one server alone is asked for its memory."""
    query = f"sum({PREFIX}memory_budget_bytes{{{CHOSEN}}})"
    everything = {name: ".*" for name in VARIABLES}
    expected = [
        (everything, sum(MEMORY.values())),
        (everything | {"namespace": ["cache"], "pod": ["lmcache-server-0"]}, MEMORY["main"]),
        (everything | {"instance": [stand.instance(stand.other_port)]}, MEMORY["announcing"]),
    ]
    for values, bytes_expected in expected:
        found = stand.prometheus.ask(documents.filled_in(query, values, SPAN))
        if [float(one["value"][1]) for one in found] != [bytes_expected]:
            fail(f"{values}: {found} instead of {bytes_expected}")
    print("variables: each choice leaves the servers that it names")


def check_variables(stand, document):
    for name, variable in documents.variables(document).items():
        if name == "datasource":
            continue
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
        series = documents.filled_in(series, {other: ".*" for other in VARIABLES}, SPAN)
        if not stand.prometheus.page(f"label/{label}/values", **{"match[]": series}):
            fail(f"variable {name}: nothing to choose from by {series}")
    print(f"variables: each of {', '.join(VARIABLES)} has something to choose from")


def check_rules(stand):
    groups = stand.prometheus.page("rules")["groups"]
    theirs = [rule for group in groups for rule in group["rules"]]
    if complaints := differing(rules.rules(), theirs):
        fail("rules:\n" + "\n".join(complaints))

    def unknown():
        # A label or a value that no series has would keep a rule silent for ever.
        return [f"{rule['alert']}: nothing is {selector}" for rule in rules.rules()
                for selector in re.findall(rf"{PREFIX}[a-z0-9_]+(?:{{[^}}]*}})?", rule["expr"])
                if not stand.prometheus.ask(selector)]

    eventually("what rules ask for", unknown)
    print(f"rules: Prometheus reads {len(theirs)} as they are meant, and has every series that they name")


def check_firing(stand):
    """What has really happened here is noticed, and what has not is not."""
    main, other = stand.instance(stand.port), stand.instance(stand.other_port)
    expected = {
        "LMCacheServerRestarting": (other, "firing"), "LMCacheServerCertificateExpired": (main, "firing"),
        "LMCacheServerClientNeverRead": (main, "pending"), "LMCacheServerNoClients": (other, "pending"),
        "LMCacheServerDown": (other, "pending"),
    }
    never = {"LMCacheServerAbsent", "LMCacheServerPromiseBroken", "LMCacheServerDiskChecksumFailures",
             "LMCacheServerDiskFailing", "LMCacheServerCertificateNotRead", "LMCacheServerAccessRefused"}

    def seen():
        return {(alert["labels"]["alertname"], alert["labels"].get("instance"), alert["state"])
                for alert in stand.prometheus.page("alerts")["alerts"]}

    def missing(names):
        there = seen()
        return [f"{name} of {expected[name][0]} is not {expected[name][1]}, but there are {sorted(there)}"
                for name in names if (name, *expected[name]) not in there]

    with traffic.connected(stand.port):
        eventually("alerts", lambda: missing(expected.keys() - {"LMCacheServerDown"}))
    stand.other.close()
    eventually("alerts", lambda: missing(["LMCacheServerDown"]))
    if wrong := never & {name for name, _, _ in seen()}:
        fail(f"alerts without cause: {', '.join(sorted(wrong))}")
    print(f"alerts: {len(expected)} noticed what happened here, {len(never)} kept silent")


def main():
    parser = argparse.ArgumentParser()
    for name in ("server", "bench"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    with open(dashboard.PATH) as file:
        document = json.load(file)
    folder = tempfile.mkdtemp(prefix="lmcache-grafana-")
    try:
        with contextlib.ExitStack() as stack:
            stand = Stand(arguments, folder, stack)
            stand.load()
            if not without_data(stand.prometheus.ask, [("made up", f"{PREFIX}no_such_thing")]):
                fail("a query of nothing was not noticed")
            check_queries(stand, document)
            check_choice(stand)
            check_variables(stand, document)
            check_rules(stand)
            check_firing(stand)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

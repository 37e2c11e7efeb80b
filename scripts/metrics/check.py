"""Runs the checks of scripts/metrics-test.sh."""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time

from engine import Engine
from stand import Prometheus, fail, get, port_of, running, until

PREFIX = "lmcache_server_"
HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "..", "..", "docs", "METRICS.md")


def families():
    """Names of docs/METRICS.md with their kinds."""
    with open(PAGE) as page:
        rows = [[cell.strip() for cell in line.split("|")] for line in page if line.startswith("| `")]
    return {row[1].strip("`"): row[2] for row in rows if row[2] in ("counter", "gauge", "histogram")}


def queries():
    """What the page asks Prometheus: the code of the second column of its first table."""
    with open(PAGE) as page:
        text = page.read().split("## Questions first")[1].split("\n## ")[0]
    return [query for query in re.findall(r"`([^`]*lmcache_server_[^`]*)`", text)]


def lint(text):
    found = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    if found.returncode != 0 or found.stdout.strip() or found.stderr.strip():
        fail(f"promtool check metrics: {found.stdout}{found.stderr}")
    print("promtool check metrics: nothing to say")


def make_rows(port):
    writer, reader = Engine(port, "127.0.0.2"), Engine(port, "127.0.0.3")
    for number in range(20):
        key = b"org/model@1@0@%064x@bfloat16@tenant%%acme" % number
        writer.ask(b"SET", key, bytes(10_000))
        reader.ask(b"EXISTS", key)
        reader.ask(b"GET", key)


def check_scraped(prometheus):
    # By --lookup-url, --lookup and the lack of a limit on memory there is more; a test of the server's has all.
    optional = re.compile("^(announce_|registry_|lending_headroom)")
    missing = []
    for name, kind in families().items():
        series = PREFIX + name + ("_bucket" if kind == "histogram" else "")
        if not optional.match(name) and not prometheus.ask(series):
            missing.append(series)
    if missing:
        fail(f"Prometheus has nothing of {', '.join(missing)}")
    kinds = {}
    for name, entries in prometheus.page("metadata").items():
        kinds[name] = entries[0]["type"]
    wrong = [name for name, kind in families().items() if PREFIX + name in kinds and kinds[PREFIX + name] != kind]
    if wrong:
        fail(f"of another kind than docs/METRICS.md says: {', '.join(wrong)}")
    print(f"Prometheus has all {len(families())} families that this server exposes")
    for query in queries():
        prometheus.ask(query)
    worst = prometheus.ask("max_over_time(scrape_duration_seconds[5m])")[0]["value"][1]
    failed = prometheus.ask("count_over_time(up[5m]) - sum_over_time(up[5m])")[0]["value"][1]
    print(f"queries of the page: {len(queries())} understood; longest scrape {float(worst) * 1000:.1f} ms, failed {failed}")


class Reader(threading.Thread):
    """Reads the page again and again, by itself, and notes how long it takes."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.times, self.over = port, [], threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            begin = time.monotonic()
            get(f"http://127.0.0.1:{self.port}/metrics")
            self.times.append((time.monotonic() - begin) * 1000)

    def told(self, words):
        self.over.set()
        self.join()
        times = sorted(self.times)
        print(
            f"{words}: /metrics read {len(times)} times, median {statistics.median(times):.1f} ms, "
            f"99 % {times[len(times) * 99 // 100]:.1f} ms, longest {times[-1]:.1f} ms"
        )


def under_load(arguments, port, words, options):
    reader = Reader(port)
    reader.start()
    command = [arguments.bench, *options, "--seconds", str(arguments.seconds), "--rounds", "1", f"lm://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{' '.join(command)}: {done.stderr}")
    reader.told(words)


def main():
    parser = argparse.ArgumentParser()
    for name in ("server", "bench"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("keys", "seconds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="lmcache-metrics-")
    log, tls = os.path.join(folder, "server.log"), os.path.join(folder, "tls")
    subprocess.run([os.path.join(HERE, "..", "certificates.sh"), tls], check=True)
    words = [
        arguments.server, "--host", "127.0.0.1", "--port", "0", "--memory", "2GiB", "--disk", f"{folder}/disk",
        "--disk-size", "256MiB", "--quota", "model=org/model:1GiB", "--tls-port", "0", "--tls-cert", f"{tls}/server.crt",
        "--tls-key", f"{tls}/server.key",
    ]
    try:
        with running(words, log) as server:
            port = until("the server listens", lambda: port_of(log), server, log)
            make_rows(port)
            lint(get(f"http://127.0.0.1:{port}/metrics"))
            prometheus = Prometheus(folder, {port: {}})
            theirs = os.path.join(folder, "prometheus.log")
            with running(prometheus.words, theirs) as process:
                until("Prometheus scrapes", prometheus.is_up, process, theirs)
                keys = ["--keys", str(arguments.keys)]
                under_load(arguments, port, "gets", ["get", "--size", "4KiB", "--connections", "8", "--depth", "16", *keys])
                under_load(arguments, port, "asks", ["exist", "--size", "4KiB", "--connections", "8", "--depth", "64", *keys])
                under_load(arguments, port, "puts", ["put", "--size", "1MiB", "--connections", "8", "--keys", "512"])
                check_scraped(prometheus)
            lint(get(f"http://127.0.0.1:{port}/metrics"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""A server and a Prometheus that scrapes it, by loopback: what the checks of metrics and of deploy/grafana share."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request


def fail(text):
    # The folder of the program that runs names the check: metrics, grafana.
    name = os.path.basename(os.path.dirname(os.path.abspath(sys.argv[0])))
    sys.exit(f"{name}-test: {text}")


def get(url):
    # No proxy stands between two processes of one host.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return answer.read().decode()


@contextlib.contextmanager
def running(words, log):
    with open(log, "w") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(what, ready, process, log, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            fail(f"{what}: it ended: {open(log).read()[-2000:]}")
        with contextlib.suppress(OSError):
            if (found := ready()) is not None:
                return found
        time.sleep(0.05)
    fail(f"{what} took longer than {seconds} s: {open(log).read()[-2000:]}")


def port_of(log):
    match = re.search(r"listening .*?port=(\d+)", open(log).read())
    return int(match[1]) if match else None


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Prometheus:
    """Scrapes `targets`, labels by port, each second."""

    def __init__(self, folder, targets, rules=None):
        self.port = free_port()
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [{"job_name": "lmcache", "static_configs": [
                {"targets": [f"127.0.0.1:{port}"], "labels": labels} for port, labels in targets.items()]}],
            "rule_files": [os.path.abspath(rules)] if rules else [],
        }
        self.config = os.path.join(folder, "prometheus.yml")
        with open(self.config, "w") as file:
            json.dump(config, file)  # which is YAML as well
        self.words = [
            "prometheus", f"--config.file={self.config}", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def page(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?" + urllib.parse.urlencode(parameters)
        answer = json.loads(get(url))
        if answer["status"] != "success":
            fail(f"{path} {parameters}: {answer}")
        return answer["data"]

    def ask(self, query):
        return self.page("query", query=query)["result"]

    def is_up(self):
        found = self.ask("up")
        return True if found and all(one["value"][1] == "1" for one in found) else None

"""Containers of the image, confined as in a careful cluster, and queries to them from outside."""

import http.client
import pathlib
import random
import re
import subprocess
import time

import lm
from report import require

PORT = 8000
# What the charts for LMCache's own image start and call; the checks use nothing else.
SERVE = ["/opt/venv/bin/lmcache_server", "0.0.0.0", str(PORT)]
PROBE = ["/opt/venv/bin/python3", "/workspace/LMCache/examples/kubernetes/health_probe.py", "127.0.0.1", str(PORT)]
PROBE_SECONDS = 5


def podman(*words, may_fail=False, seconds=120):
    """Standard output, without podman's complaints about a missing systemd."""
    done = subprocess.run(["podman", *words], capture_output=True, text=True, timeout=seconds)
    if done.returncode and not may_fail:
        raise RuntimeError(f"podman {words[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


def end_of(*words):
    """The status, the output and the duration of a podman command."""
    began = time.monotonic()
    done = subprocess.run(["podman", *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


def page(host, port, path):
    """Status and body, as a kubelet's httpGet would ask, with its timeout."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def until(what, seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Container:
    """The server of an image under all restrictions at once: random uid, read-only root, no capability, no privilege
    to gain. The network is the checks' own."""

    def __init__(self, image, *flags, host="127.0.0.1", command=SERVE, uid=None):
        self.host = host
        self.uid = random.randrange(100_000, 2**31) if uid is None else uid
        self.name = podman(
            "run", "--detach", "--network", "host", "--no-healthcheck", "--user", f"{self.uid}:{self.uid}",
            "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt", "no-new-privileges", *flags,
            "--entrypoint", command[0], image, *command[1:])  # fmt: skip

    def __enter__(self):
        try:
            until("the server answers", 20, self.is_healthy)
        except RuntimeError as failure:
            log = self.log()
            self.remove()
            raise RuntimeError(f"{failure}\n{log}") from None
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        podman("rm", "--force", "--time", "0", self.name, may_fail=True)

    # What the engine knows

    def state(self, field):
        return podman("inspect", "--format", "{{.State.%s}}" % field, self.name)

    def log(self):
        done = subprocess.run(["podman", "logs", self.name], capture_output=True, text=True)
        return done.stdout + done.stderr

    def signal(self, name):
        podman("kill", "--signal", name, self.name)

    def probe(self):
        """Runs with a time limit: 124 on timeout. The engine's own start time is not counted."""
        return end_of("exec", self.name, "/usr/bin/timeout", str(PROBE_SECONDS), *PROBE)

    # What the kernel knows

    def status(self, field):
        text = pathlib.Path(f"/proc/{self.state('Pid')}/status").read_text()
        return re.search(rf"^{field}:\s*(\S+)", text, re.MULTILINE).group(1)

    def memory_files(self):
        """The cgroup's folder of the memory controller, and which version it is."""
        lines = pathlib.Path(f"/proc/{self.state('Pid')}/cgroup").read_text().splitlines()
        for line in lines:
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                return pathlib.Path("/sys/fs/cgroup/memory" + path), 1
        return pathlib.Path("/sys/fs/cgroup" + lines[0].split(":", 2)[2]), 2

    # What the server says

    def is_healthy(self):
        try:
            with lm.client(self.host, PORT, 1) as client:
                return client.ask(lm.HEALTH, "probe")
        except OSError:
            return False

    def page(self, path):
        return page(self.host, PORT, path)

    def metric(self, name):
        """Its value, or the sum of all that it has by its labels."""
        found = re.findall(rf"^{re.escape(name)}(?:{{.*}})? (\d+)$", self.page("/metrics")[1], re.MULTILINE)
        require(found, f"there is no metric {name}")
        return sum(map(int, found))

    def driver(self):
        """The I/O driver, and the reason for it."""
        metrics = self.page("/metrics")[1]
        return re.search(r'io_driver_info\{driver="(\w+)",reason="(.*)"\}', metrics).groups()

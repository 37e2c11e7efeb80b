"""Containers under load and at their end."""

import contextlib
import os
import re
import subprocess
import threading

import lm
from container import PORT, Container, podman, until
from report import Clock, mebibytes, require, seconds

LIMIT_BYTES = 512 * 2**20
MUTE_CLIENTS = 500
VALUE = os.urandom(4 * 2**20)


def memory(report, image):
    """Five times the budget through four clients, beside 500 that ask for 4 MiB each and read nothing."""
    with Container(image, "--memory", str(LIMIT_BYTES), "--memory-swap", str(LIMIT_BYTES)) as server:
        folder, version = server.memory_files()
        names = ["memory.limit_in_bytes", "memory.max_usage_in_bytes"] if version == 1 else ["memory.max", "memory.peak"]
        limit, peak = (folder / name for name in names)
        budget = server.metric("lmcache_server_memory_budget_bytes")
        with report.check(f"the engine's --memory is a limit of the kernel (cgroup version {version})") as notes:
            require(int(limit.read_text()) == LIMIT_BYTES, limit.read_text())
            notes += [mebibytes(LIMIT_BYTES)]
        with report.check("the budget is taken from it and leaves a reserve") as notes:
            require(budget == LIMIT_BYTES - 256 * 2**20, f"{budget} of {LIMIT_BYTES}")
            notes += [mebibytes(budget)]
        with contextlib.ExitStack() as mute:
            with report.check(f"filled five times over beside {MUTE_CLIENTS} clients that do not read") as notes:
                with lm.client(server.host, PORT) as client:
                    for number in range(16):
                        client.put(f"asked {number}", VALUE)
                    require(client.ask(lm.EXIST, "asked 15"), "nothing was stored")
                for number in range(MUTE_CLIENTS):
                    client = mute.enter_context(lm.client(server.host, PORT))
                    client.request(lm.GET, f"asked {number % 16}")
                promised = fill(server, 5 * budget)
                notes += [f"{mebibytes(5 * budget)} in 4 MiB chunks", f"{promised} promised and read back whole"]
            with report.check("meanwhile never killed for memory") as notes:
                require(server.state("Running") == "true", f"it ended: {server.log()}")
                require(server.state("OOMKilled") == "false" and kills(folder, version) == 0, "the kernel killed")
                notes += [f"peak {mebibytes(int(peak.read_text()))}"]
            with report.check("meanwhile what it counts stays within the budget") as notes:
                used = server.metric("lmcache_server_memory_used_bytes_high_water")
                require(used <= budget, f"{used} of {budget}")
                notes += [f"at most {mebibytes(used)}"]
            with report.check("with what the kernel holds in sockets it would still fit, as version 2 counts") as notes:
                sockets = socket_bytes()
                total = int(peak.read_text()) + (sockets if version == 1 else 0)
                require(total <= LIMIT_BYTES, f"{total} bytes, of them {sockets} in sockets")
                notes += [f"{mebibytes(total)}, of them {mebibytes(sockets)} in sockets"]
            with report.check("meanwhile the chart's exec probe and /metrics answer"):
                require(server.probe()[0] == 0 and server.page("/metrics")[0] == 200, "one does not")
        with report.check("afterwards chunks are stored and found as before"), lm.client(server.host, PORT) as client:
            client.put("after", VALUE)
            require(client.get("after") == VALUE, "another value came back")
        with report.check("a larger limit and SIGHUP from within: the budget follows, the chunks stay") as notes:
            raise_limit(folder, version, 2 * LIMIT_BYTES)
            podman("exec", server.name, "/bin/sh", "-c", "kill -HUP 1")
            wanted = 2 * LIMIT_BYTES - 256 * 2**20
            until("it follows", 10, lambda: server.metric("lmcache_server_memory_budget_bytes") == wanted)
            with lm.client(server.host, PORT) as client:
                require(client.get("after") == VALUE, "a chunk was lost")
            notes += [mebibytes(wanted)]


def raise_limit(folder, version, count):
    """As `docker update` does; this podman has none."""
    names = ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"] if version == 1 else ["memory.max"]
    for name in names:
        if (folder / name).exists():
            (folder / name).write_text(str(count))


def fill(server, count):
    """Four clients put `count` bytes in all. Chunks that a lookup promised to them must come back whole."""
    failures = []
    promised = []

    def run(name):
        try:
            with lm.client(server.host, PORT, 60) as client:
                for number in range(count // 4 // len(VALUE)):
                    key = f"filling {name} {number}"
                    client.put(key, VALUE)
                    if client.ask(lm.EXIST, key):
                        promised.append(key)
                        require(client.get(key) == VALUE, f"{key} was promised and did not come back")
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    require(promised, "nothing was stored")
    return len(promised)


def kills(folder, version):
    name = "memory.oom_control" if version == 1 else "memory.events"
    return int(re.search(r"^oom_kill (\d+)", (folder / name).read_text(), re.MULTILINE).group(1))


def socket_bytes():
    """The kernel's memory for the server's sockets: received, queued to send, and reserved."""
    shown = subprocess.run(["ss", "-tmnH", f"sport = :{PORT}"], check=True, capture_output=True, text=True).stdout
    held = 0
    for fields in re.findall(r"skmem:\(([^)]*)\)", shown):
        numbers = dict(re.findall(r"([a-z]+)(\d+)", fields))
        held += sum(int(numbers[name]) for name in ("r", "w", "f"))
    return held


def drain(report, image):
    value = os.urandom(64 * 2**20)
    with Container(image) as server:
        with lm.client(server.host, PORT) as reader, lm.client(server.host, PORT):
            reader.put("large", value)
            require(reader.ask(lm.EXIST, "large"), "the value was not stored")
            reader.request(lm.GET, "large")
            length = reader.reply()[1]
            with report.check("SIGTERM: a GET under way is served to its last byte") as notes:
                first = reader.read(2**20)
                stop = threading.Thread(target=podman, args=("stop", "--time", "30", server.name))
                stop.start()
                until("/readyz says that it drains", 10, lambda: server.page("/readyz")[0] == 503)
                require(server.page("/livez")[0] == 200, "/livez fails while it drains")
                require(first + reader.read(length - 2**20) == value, "other bytes came")
                notes += ["meanwhile /readyz 503 and /livez 200"]
            stop.join()
        with report.check("then it ends with status 0"):
            require(server.state("ExitCode") == "0", server.state("ExitCode"))
    with Container(image) as server, contextlib.ExitStack() as mute:
        with lm.client(server.host, PORT) as client:
            client.put("large", value)
            require(client.ask(lm.EXIST, "large"), "the value was not stored")
        for _ in range(50):
            mute.enter_context(lm.client(server.host, PORT)).request(lm.GET, "large")
        with report.check("SIGTERM with 50 clients that never read: ends with status 0 within 30 s") as notes:
            clock = Clock()
            podman("stop", "--time", "30", server.name)
            require(server.state("ExitCode") == "0", f"status {server.state('ExitCode')}: {server.log()}")
            notes += [seconds(clock.elapsed())]

"""The gain of a second loop: loops.py BENCH get|exist ROUNDS SECONDS OUTPUT PORT PID PORT PID PORT PID.

The first server has two loops, the others one each. Two clients ask at once: of the first server, each a loop of its
own, or of the two others, which share nothing but the machine. The difference in cost of the same work is the loss by
sharing a store. One client for both loops would measure its own traffic from core to core; for the same reason each
loop and its client have a core of their own.

The placement of clients on loops is forced, then checked: another split ends the run.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import idle

CORES = (0, 1)
CONNECTIONS = 4
WORK = {"exist": ("4KiB", 1024, 16), "get": ("32MiB", 16, 1)}  # size, keys, depth
QUESTIONS_TO_TELL = 200
# Processor time that shows which loop serves a client: the first client's alone, then the end of the second client's.
FIRST_SECONDS, LAST_SECONDS = 0.1, 0.02
# Above this share of the right loop's time the other loop has served requests as well.
OTHER_SHARE_MAX = 0.2


def fail(words):
    sys.exit(f"loops.py: {words}")


class Loop:
    """A thread of a server that serves connections."""

    def __init__(self, task, core):
        self.statistics = task / "schedstat"
        os.sched_setaffinity(int(task.name), {core})

    def seconds(self):
        return int(self.statistics.read_text().split()[0]) / 1e9


def loop_tasks(pid):
    named = {(task / "comm").read_text().strip(): task for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}
    return [named[name] for name in sorted(named) if name.startswith("loop-")]


class Pair:
    """Two loops, of one server or of two."""

    def __init__(self, ports, pids):
        self.ports, self.pids = ports, pids
        tasks = [task for pid in pids for task in loop_tasks(pid)]
        if len(tasks) != len(CORES):
            fail(f"{len(tasks)} loops instead of {len(CORES)}")
        self.loops = [Loop(task, core) for task, core in zip(tasks, CORES)]

    def processor_seconds(self):
        """Of all threads, including ended ones: the clock of clock_getcpuclockid."""
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self.pids)

    def seconds_since(self, before):
        return [loop.seconds() - earlier for loop, earlier in zip(self.loops, before)]

    def loop_of(self, connection):
        """The loop that spends time while the client asks."""
        before = [loop.seconds() for loop in self.loops]
        for _ in range(QUESTIONS_TO_TELL):
            idle.ask(connection, "lm")
        spent = self.seconds_since(before)
        which = spent.index(max(spent))
        if spent[1 - which] > OTHER_SHARE_MAX * spent[which]:
            fail(f"cannot tell which loop has a connection: they spent {spent[0]:.6f} and {spent[1]:.6f} s")
        return which

    def hold_places(self):
        """New connections go to the loop with fewer, so placeholder connections decide where a client's go."""
        held = [[], []]
        for _ in range(CONNECTIONS):
            for port in self.ports:
                connection = idle.connect("lm", port)
                held[self.loop_of(connection)].append(connection)
        if len(held[0]) != len(held[1]):
            fail(f"{len(held[0])} connections on one loop and {len(held[1])} on the other")
        return held

    def see_alone(self, which, seconds, client):
        """Watches a client until its loop has spent this time; the other loop must not have worked meanwhile."""
        before = [loop.seconds() for loop in self.loops]
        while (spent := self.seconds_since(before))[which] < seconds:
            if client.poll() is not None:
                fail("a client ended before it was seen by itself on its loop")
            time.sleep(0.002)
        if spent[1 - which] > OTHER_SHARE_MAX * spent[which]:
            fail(f"a client is on both loops: they spent {spent[which]:.3f} and {spent[1 - which]:.3f} s on it")


def leave(connections):
    """Returns when the server has closed them as well and no longer counts them."""
    for connection in connections:
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1):
            fail("a connection that only holds a place got an answer too many")
        connection.close()


def bench_words(bench, command, work, port):
    size, keys, depth = work
    load = ["--size", size, "--keys", str(keys), "--depth", str(depth)]
    return [bench, command, *load, "--rounds", "1", "--warmup", "0", f"lm://127.0.0.1:{port}"]


def client(bench, command, seconds, port, core):
    words = ["taskset", "-c", str(core), *bench_words(bench, command, WORK[command], port)]
    words += ["--no-fill", "--connections", str(CONNECTIONS), "--seconds", seconds, "--json"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def operations(started):
    text = started.communicate()[0]
    if started.returncode != 0:
        fail("lmcache-bench failed")
    one = json.loads(text)["cases"][0]["results"][0]["rounds"][0]
    if one["misses"] or one["errors"] or not one["operations"]:
        fail(f"{one['operations']} operations with {one['misses']} misses and {one['errors']} errors")
    return one["operations"]


def microseconds_an_operation(pair, bench, command, seconds):
    held = pair.hold_places()
    leave(held[0])
    before = pair.processor_seconds()
    first = client(bench, command, seconds, pair.ports[0], CORES[0])
    second = None
    try:
        pair.see_alone(0, FIRST_SECONDS, first)
        leave(held[1])
        second = client(bench, command, seconds, pair.ports[1], CORES[1])
        count = operations(first)
        pair.see_alone(1, LAST_SECONDS, second)
        count += operations(second)
    finally:
        # A client that still runs would report that the server goes away.
        for started in filter(None, (first, second)):
            started.kill()
    return (pair.processor_seconds() - before) / count * 1e6


def main():
    bench, command, rounds, seconds, output, *servers = sys.argv[1:]
    ports, pids = list(map(int, servers[::2])), list(map(int, servers[1::2]))
    for port in ports:
        subprocess.run(bench_words(bench, "fill", WORK[command], port), check=True, capture_output=True)
    pairs = {"two loops": Pair(ports[:1] * 2, pids[:1]), "two servers": Pair(ports[1:], pids[1:])}
    found = {name: [] for name in pairs}
    # The first round is not counted: it touches new memory.
    for number in range(int(rounds) + 1):
        # Each is first in its turn.
        for name, pair in list(pairs.items())[:: 1 if number % 2 else -1]:
            cost = microseconds_an_operation(pair, bench, command, seconds)
            if number > 0:
                found[name].append(cost)
    with open(output, "w") as file:
        json.dump(found, file)


main()

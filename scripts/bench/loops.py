"""What a second loop brings for EXIST: loops.py BENCH ROUNDS SECONDS OUTPUT PORT PID PORT PID PORT PID.

The first server has two loops, the others one each; all may run on two cores. Two clients ask at once: of the first server,
each a loop of its own, or of the two others, which share nothing but the machine. What the same work then costs tells what
loops lose by sharing a store. One client for both loops would measure its own traffic from core to core.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import time

KEYS, CONNECTIONS, DEPTH = 1024, 4, 16
EXIST = 3


def processor_seconds(pid):
    threads = os.listdir(f"/proc/{pid}/task")
    return sum(int(open(f"/proc/{pid}/task/{thread}/schedstat").read().split()[0]) for thread in threads) / 1e9


def placeholder(port):
    """A connection that asked once: it counts for the loop that has it, and costs nothing."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(struct.pack("<9i", EXIST, 0, 1, 2, 0, 0, 0, 0, 0) + b"nobody@m@1@0@x".ljust(150))
    if not connection.recv(64):
        raise SystemExit("loops.py: the server closed a connection")
    return connection


def client(bench, port, seconds):
    words = [bench, "exist", "--no-fill", "--depth", DEPTH, "--connections", CONNECTIONS, "--keys", KEYS, "--rounds", 1]
    words += ["--seconds", seconds, "--warmup", 0, f"lm://127.0.0.1:{port}", "--json"]
    return subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, text=True)


def operations(started):
    text = started.communicate()[0]
    if started.returncode != 0:
        raise SystemExit("loops.py: lmcache-bench failed")
    return json.loads(text)["cases"][0]["results"][0]["rounds"][0]["operations"]


def ask_two_loops(bench, port, seconds):
    """New connections go to the loop that has fewer, so those that only hold a place decide where a client's go."""
    held = [placeholder(port) for _ in range(2 * CONNECTIONS)]
    for connection in held[::2]:
        connection.close()
    time.sleep(0.05)
    first = client(bench, port, seconds)
    time.sleep(0.15)
    for connection in held[1::2]:
        connection.close()
    time.sleep(0.05)
    return operations(client(bench, port, seconds)) + operations(first)


def ask_two_servers(bench, ports, seconds):
    first = client(bench, ports[0], seconds)
    time.sleep(0.2)
    return operations(client(bench, ports[1], seconds)) + operations(first)


def main():
    bench, rounds, seconds, output, *servers = sys.argv[1:]
    ports, pids = list(map(int, servers[::2])), servers[1::2]
    for port in ports:
        fill = [bench, "fill", "--size", "4KiB", "--keys", str(KEYS), "--rounds", "1", f"lm://127.0.0.1:{port}"]
        subprocess.run(fill, check=True, capture_output=True)
    found = {"two loops": [], "two servers": []}
    for _ in range(int(rounds)):
        for name, ask, where, who in (
                ("two loops", ask_two_loops, ports[0], pids[:1]), ("two servers", ask_two_servers, ports[1:], pids[1:])):
            before = sum(map(processor_seconds, who))
            count = ask(bench, where, seconds)
            found[name].append((sum(map(processor_seconds, who)) - before) / count * 1e6)
    with open(output, "w") as file:
        json.dump(found, file)


main()

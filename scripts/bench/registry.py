"""Compares the lookup registry with Redis: registry.py PROGRAM ENTRIES [OUTPUT_FILE].

Both are loaded with the same entries, and then asked in turn, so that a disturbance hits both. Servers on core 0, client
on core 1. With OUTPUT_FILE, the figures go there for the report.
"""

import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import time

MODEL = b"vllm@meta-llama/Llama-3.1-8B-Instruct@1@0@"
NAMES = ("Redis", "lookup registry")
ROUNDS = 5
REQUESTS = {1: 100_000, 64: 1_000_000}  # by pipeline: about a second


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def commands(program, ports):
    redis = ["redis-server", "--port", ports["Redis"], "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    ours = [program, "--host", "127.0.0.1", "--port", free_port(), "--loops", "1", "--memory", "64MiB"]
    ours += ["--lookup", f"127.0.0.1:{ports['lookup registry']}", "--registry-memory", "4GiB", "--peer-check", "off"]
    return {"Redis": redis, "lookup registry": ours}


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024


def connect(port, process):
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"registry.py: {process.args[3]} ended at once")
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            time.sleep(0.05)
    sys.exit(f"registry.py: nobody listens on {port}")


def key(number):
    return MODEL + b"%x" % (number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)


def load(connections, entries):
    """Gives all of them the same entries; returns the bytes of all keys."""
    key_bytes = 0
    for start in range(0, entries, 1000):
        batch = bytearray()
        count = min(1000, entries - start)
        for number in range(start, start + count):
            name = key(number)
            owner = b"10.0.%d.%d:8200" % (number % 7, number % 251)
            key_bytes += len(name)
            batch += b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(name), name, len(owner), owner)
        for connection in connections:
            connection.sendall(batch)
        for connection in connections:
            left = count * len(b"+OK\r\n")
            while left:
                received = connection.recv(left)
                if not received or received.strip(b"+OK\r\n"):
                    sys.exit(f"registry.py: not loaded: {received[:100]!r}")
                left -= len(received)
    return key_bytes


def rate(port, command, pipeline):
    """Commands a second of redis-benchmark on 50 connections, over a million keys beside those loaded."""
    output = subprocess.run(
        ["taskset", "-c", "1", "redis-benchmark", "-p", str(port), "-t", command.lower(), "-n", str(REQUESTS[pipeline]),
         "-P", str(pipeline), "-c", "50", "-r", "1000000", "-d", "14", "--csv"],
        check=True, capture_output=True, text=True).stdout
    return float(re.search(rf'^"{command}[^"]*","([\d.]+)"', output, re.M)[1])


def measure(processes, ports, entries):
    connections = [connect(ports[name], processes[name]) for name in NAMES]
    before = {name: resident_bytes(processes[name].pid) for name in NAMES}
    key_bytes = load(connections, entries)
    found = {"entries": entries, "key_bytes": key_bytes / entries, "rates": []}
    found["bytes"] = {name: (resident_bytes(processes[name].pid) - before[name]) / entries for name in NAMES}
    for pipeline in REQUESTS:
        for command in ("SET", "GET"):
            rates = {name: [] for name in NAMES}
            for number in range(ROUNDS):
                # Each is first in its turn.
                for name in NAMES[:: -1 if number % 2 else 1]:
                    rates[name].append(rate(ports[name], command, pipeline))
            found["rates"].append({"command": command, "pipeline": pipeline} | rates)
    return found


def show(found):
    for name in NAMES:
        total = found["bytes"][name]
        print(f"{name}: {total:.1f} bytes an entry of {found['entries']}, {total - found['key_bytes']:.1f} beyond the key")
    print(f"memory: {found['bytes']['lookup registry'] / found['bytes']['Redis']:.2f} of Redis's")
    for row in found["rates"]:
        ours, theirs = row["lookup registry"], row["Redis"]
        ratios = [one / other for one, other in zip(ours, theirs)]
        print(f"{row['command']}, {row['pipeline']} deep: {statistics.median(ours) / 1000:.0f} thousand a second, "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) of Redis's")


def main():
    program, entries = sys.argv[1], int(sys.argv[2])
    ports = {name: free_port() for name in NAMES}
    processes = {}
    # Ends the servers with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        for name, command in commands(program, ports).items():
            words = ["taskset", "-c", "0"] + [str(word) for word in command]
            processes[name] = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = measure(processes, ports, entries)
    finally:
        for process in processes.values():
            process.terminate()
            process.wait()
    show(found)
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w") as output:
            json.dump(found, output)


main()

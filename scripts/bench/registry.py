"""Loads the registry and a Redis with the same entries, and asks both the same questions."""

import re
import socket
import subprocess
import sys
import time

MODEL = b"vllm@meta-llama/Llama-3.1-8B-Instruct@1@0@"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def resident_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024


def wait_for(port, process):
    for _ in range(200):
        if process.poll() is not None:
            sys.exit(f"registry.py: {process.args[0]} ended at once")
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            time.sleep(0.05)
    sys.exit(f"registry.py: nobody listens on {port}")


def key(number):
    return MODEL + b"%x" % (number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)


def load(port, process, entries):
    """The seconds it took, and the bytes of all keys."""
    connection = wait_for(port, process)
    began, key_bytes = time.monotonic(), 0
    for start in range(0, entries, 1000):
        batch = bytearray()
        count = min(1000, entries - start)
        for number in range(start, start + count):
            name = key(number)
            owner = b"10.0.%d.%d:8200" % (number % 7, number % 251)
            key_bytes += len(name)
            batch += b"*3\r\n$3\r\nSET\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(name), name, len(owner), owner)
        connection.sendall(batch)
        left = count * len(b"+OK\r\n")
        while left:
            received = connection.recv(left)
            if not received or received.strip(b"+OK\r\n"):
                sys.exit(f"registry.py: not loaded: {received[:100]!r}")
            left -= len(received)
    return time.monotonic() - began, key_bytes


def rates(port, pipeline):
    """Commands a second of redis-benchmark, best of three."""
    best = {}
    for _ in range(3):
        output = subprocess.run(
            ["redis-benchmark", "-p", str(port), "-t", "set,get", "-n", str(200_000 if pipeline == 1 else 2_000_000),
             "-P", str(pipeline), "-c", "50", "-r", "1000000", "-d", "14", "--csv"],
            check=True, capture_output=True, text=True).stdout
        for name, rate in re.findall(r'^"(GET|SET)[^"]*","([\d.]+)"', output, re.M):
            best[name] = max(best.get(name, 0), float(rate))
    return best


def main():
    program, entries = sys.argv[1], int(sys.argv[2])
    ports = [free_port() for _ in range(3)]
    servers = {
        "redis": (["redis-server", "--port", str(ports[0]), "--save", "", "--appendonly", "no"], ports[0]),
        "registry": ([program, "--host", "127.0.0.1", "--port", str(ports[1]), "--memory", "64MiB", "--lookup",
                      f"127.0.0.1:{ports[2]}", "--registry-memory", "4GiB", "--peer-check", "off"], ports[2]),
    }
    per_entry = {}
    for name, (command, port) in servers.items():
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process).close()
            before = resident_bytes(process.pid)
            seconds, key_bytes = load(port, process, entries)
            per_entry[name] = (resident_bytes(process.pid) - before) / entries
            print(f"{name}: {entries} entries, {per_entry[name]:.1f} bytes each, "
                  f"{per_entry[name] - key_bytes / entries:.1f} beyond the key, loaded in {seconds:.1f} s")
            for pipeline in (1, 64):
                for command_name, rate in rates(port, pipeline).items():
                    print(f"{name}: {command_name} pipelined {pipeline}: {rate / 1000:.0f} thousand a second")
        finally:
            process.terminate()
            process.wait()
    print(f"memory: {per_entry['registry'] / per_entry['redis']:.2f}x Redis's")


main()

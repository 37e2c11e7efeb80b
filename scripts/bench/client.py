"""Compares lmcache-bench with a C client that has a blocking thread a connection: client.py BENCH C_CLIENT PORT ROUNDS SECONDS OUTPUT.

Both drive the same server from the same core, in turn; the client with more operations loads it harder. Before a case each
has a turn that is not counted: sending takes new kernel memory, which on a virtual machine the host has to find first; for
a second or two that halves the client's speed.
"""

import json
import subprocess
import sys

CASES = (  # command, size, connections, keys
    ("exist", 4 << 10, 8, 1024), ("exist", 4 << 10, 64, 1024), ("get", 4 << 10, 8, 1024), ("put", 4 << 10, 8, 1024),
    ("get", 1 << 20, 8, 64), ("put", 1 << 20, 8, 64), ("get", 32 << 20, 4, 16), ("put", 32 << 20, 4, 16))

SECONDS_BEFORE = "1.5"


def of_c_client(program, port, case, seconds):
    """Operations a second, and microseconds of the client's processor for each."""
    command, size, connections, keys = map(str, case)
    words = [program, port, command, size, connections, keys, seconds]
    done, taken, worked = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
    return done / taken, worked / max(done, 1) * 1e6


def of_bench(program, port, case, seconds, *options):
    command, size, connections, keys = map(str, case)
    words = [program, command, "--size", size, "--connections", connections, "--keys", keys, "--rounds", "1"]
    words += ["--seconds", seconds, "--warmup", "0.05", *options, f"lm://127.0.0.1:{port}", "--json"]
    document = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    result = document["cases"][0]["results"][0]
    speed = result["ops_s"]["median"]
    return speed, result["client_busy_pct"]["median"] / 100 / speed * 1e6


def main():
    bench, c_client, port, rounds, seconds, output = sys.argv[1:]
    found = []
    for case in CASES:
        of_c_client(c_client, port, case, SECONDS_BEFORE)
        of_bench(bench, port, case, SECONDS_BEFORE)
        names = ("C client", "--drop", "lmcache-bench")
        row = dict(zip(("command", "size", "connections"), case)) | {name: [] for name in names}
        row["microseconds"] = {name: [] for name in names}

        def note(name, speed, microseconds):
            row[name].append(speed)
            row["microseconds"][name].append(microseconds)

        turns = [lambda: note("C client", *of_c_client(c_client, port, case, seconds)),
                 lambda: note("lmcache-bench", *of_bench(bench, port, case, seconds))]
        if case[0] == "get":
            turns.append(lambda: note("--drop", *of_bench(bench, port, case, seconds, "--drop")))
        for number in range(int(rounds)):
            # Each is first in its turn.
            for place in range(len(turns)):
                turns[(number + place) % len(turns)]()
        found.append(row)
    with open(output, "w") as file:
        json.dump(found, file)


main()

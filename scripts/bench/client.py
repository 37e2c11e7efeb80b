"""Compares lmcache-bench with a C client that has a blocking thread a connection: client.py BENCH C_CLIENT PORT ROUNDS SECONDS OUTPUT.

Both drive the same server from the same core, in turn: who gets more out of it loads it harder.
"""

import json
import subprocess
import sys

CASES = (  # command, size, connections, keys
    ("exist", 4 << 10, 8, 1024), ("exist", 4 << 10, 64, 1024), ("get", 4 << 10, 8, 1024), ("put", 4 << 10, 8, 1024),
    ("get", 1 << 20, 8, 64), ("put", 1 << 20, 8, 64), ("get", 32 << 20, 4, 16), ("put", 32 << 20, 4, 16))


def of_c_client(program, port, case, seconds):
    command, size, connections, keys = map(str, case)
    words = [program, port, command, size, connections, keys, seconds]
    done, taken = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    return int(done) / float(taken)


def of_bench(program, port, case, seconds, *options):
    command, size, connections, keys = map(str, case)
    words = [program, command, "--size", size, "--connections", connections, "--keys", keys, "--rounds", "1"]
    words += ["--seconds", seconds, "--warmup", "0.05", *options, f"lm://127.0.0.1:{port}", "--json"]
    document = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return document["cases"][0]["results"][0]["ops_s"]["median"]


def main():
    bench, c_client, port, rounds, seconds, output = sys.argv[1:]
    found = []
    for case in CASES:
        row = dict(zip(("command", "size", "connections"), case)) | {"C client": [], "lmcache-bench": [], "--copy": []}
        for _ in range(int(rounds)):
            row["C client"].append(of_c_client(c_client, port, case, seconds))
            row["lmcache-bench"].append(of_bench(bench, port, case, seconds))
            if case[0] == "get":
                row["--copy"].append(of_bench(bench, port, case, seconds, "--copy"))
        found.append(row)
    with open(output, "w") as file:
        json.dump(found, file)


main()

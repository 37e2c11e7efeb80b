"""redis-benchmark runs to the end without an error. Its speed is not checked."""

import subprocess

from checks import check

BENCHMARK_SECONDS = 120
RUNS = {
    "its own tests of SET, GET, PING and MSET": ["-t", "ping,set,get,mset", "-n", "20000"],
    "pipelines of 32 over random keys": ["-t", "set,get", "-n", "100000", "-P", "32", "-r", "10000"],
    "RESP3": ["-3", "-t", "ping,set,get", "-n", "10000"],
    "two threads": ["--threads", "2", "-t", "set,get", "-n", "20000"],
    "values of 1 MiB": ["-t", "set,get", "-n", "400", "-c", "8", "-d", str(1 << 20)],
    "EXISTS of random keys": ["-n", "20000", "-P", "8", "-r", "1000", "EXISTS", "key:__rand_int__"],
}


def register(name, arguments):
    @check(f"redis-benchmark: {name}", timeout_seconds=BENCHMARK_SECONDS + 10)
    def run(target):
        host, port = target.open.split(":")
        tls = ["--tls"] if target.tls else []
        command = ["redis-benchmark", *tls, "-h", host, "-p", port, "--csv", *arguments]
        done = subprocess.run(command, text=True, capture_output=True, timeout=BENCHMARK_SECONDS)
        said = f"{done.stdout}{done.stderr}"
        assert done.returncode == 0, f"exit status {done.returncode}\n{said}"
        assert not done.stderr and "rror" not in said and "WARNING" not in said, said
        rows = [line.split('","') for line in done.stdout.splitlines()[1:]]
        assert rows and all(float(row[1]) > 0 for row in rows), said
        return ", ".join(f"{row[0].strip(chr(34))[:12]} {float(row[1]):,.0f}/s" for row in rows)


for name, arguments in RUNS.items():
    register(name, arguments)

"""Runs each client version against a server of its own, as scripts/compat.sh asks.

Exit status 1 if anything failed, and the last line is 'N passed, N failed'.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from report import Report, run_client
from servers import Server, ServerFailed, is_healthy, is_listening

HERE = Path(__file__).resolve().parent
LARGE_MEMORY = "2GiB"
SMALL_MEMORY = "512MiB"  # the checks under pressure store twice as much


def environment_for(version, home):
    """PYTHONPATH names the one client of this run; equal hash seeds let engines share keys."""
    fixed = {"PYTHONPATH": f"{home}/lmcache-{version}:{HERE}", "PYTHONHASHSEED": "0", "HF_HUB_OFFLINE": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMCACHE_")}
    return kept | fixed | {"LMCACHE_TRACK_USAGE": "false", "LMCACHE_LOG_LEVEL": "WARNING"}


def start_servers(options, environment):
    """One with room for everything, one that has to evict."""
    started = []
    try:
        for memory in (LARGE_MEMORY, SMALL_MEMORY):
            if options.reference:
                # LMCache's server parses the keys, so each client needs the server of its own version.
                reference = [sys.executable, str(HERE / "reference_server.py")]
                started.append(Server(lambda *address: [*reference, *address], is_listening, environment))
            else:
                ours = [options.server, "--memory", memory]
                started.append(Server(lambda *address, ours=ours: [*ours, *address], is_healthy))
    except ServerFailed:
        for server in started:
            server.kill()
        raise
    return started


def driver(options, servers):
    large, small = (server.address for server in servers)
    command = [sys.executable, str(HERE / "driver.py"), "--large", large, "--small", small, "--only", options.only]
    return command + (["--unbounded"] if options.reference else [])


def stop_servers(version, options, servers, report):
    for name, server in zip(("large", "small"), servers):
        what = f"the {name} server ends on SIGTERM with status 0"
        try:
            begin = time.monotonic()
            status = server.stop()
            seconds = time.monotonic() - begin
        except ServerFailed as failure:
            report.line(version, f"FAIL {what}: {failure}")
            continue
        if options.reference:
            report.line(version, f"n/a  {what}: LMCache's server handles no signal and leaves its port to the kernel")
        elif status == 0:
            report.line(version, f"PASS {what} ({seconds:.1f} s)")
        else:
            report.line(version, f"FAIL {what}: it ended with {status}\n{server.log_tail()}")


def run_version(version, options, report):
    environment = environment_for(version, options.home)
    try:
        servers = start_servers(options, environment)
    except ServerFailed as failure:
        report.line(version, f"FAIL the servers start: {failure}")
        return
    try:
        run_client(version, driver(options, servers), environment, report)
        stop_servers(version, options, servers, report)
    finally:
        for server in servers:
            server.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True, help="where the clients are, one folder lmcache-VERSION each")
    parser.add_argument("--versions", nargs="+", required=True)
    parser.add_argument("--only", default="", help="run the checks with this in their name")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="the lmcache-server to test")
    which.add_argument("--reference", action="store_true", help="test LMCache's own server instead")
    options = parser.parse_args()

    # So that the servers end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    for version in options.versions:
        run_version(version, options, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

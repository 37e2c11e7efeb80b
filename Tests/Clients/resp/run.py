"""Runs sessions of unmodified RESP clients against one server, as scripts/resp-clients.sh asks.

Exit status 1 if anything failed, and the last line is 'N passed, N failed'.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

import targets
from report import Report, run_client
from servers import ServerFailed

HERE = Path(__file__).resolve().parent


def environment_for(client, home):
    """PYTHONPATH names the one client of this run."""
    return dict(os.environ, PYTHONPATH=f"{home}/{client}:{HERE}:{HERE.parent}")


def run_all(options, report):
    ours = targets.ours_by_tls if options.tls else targets.ours
    chosen = targets.redis() if options.reference else ours(options.server)
    with chosen as target:
        for client in options.clients:
            command = [sys.executable, str(HERE / "driver.py"), "--client", client, "--only", options.only]
            command += ["--open", target.open, "--locked", target.locked, "--cluster", target.cluster]
            command += ["--redis"] if target.is_redis else []
            command += ["--tls"] if target.tls else []
            library = options.python_client if client == "differences" else client
            run_client(client, command, environment_for(library, options.home), report)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True, help="where the clients are, one folder each")
    parser.add_argument("--clients", nargs="+", required=True)
    parser.add_argument("--python-client", required=True, help="the redis-py beside the clients that are no library")
    parser.add_argument("--only", default="", help="run the sessions with this in their name")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--server", help="the lmcache-server to test")
    which.add_argument("--reference", action="store_true", help="test redis-server instead")
    parser.add_argument("--tls", action="store_true", help="reach the server by TLS")
    options = parser.parse_args()

    # Ends the servers with this process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    try:
        run_all(options, report)
    except ServerFailed as failure:
        report.line("servers", f"FAIL the servers start: {failure}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

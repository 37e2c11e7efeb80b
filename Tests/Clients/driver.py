"""Runs every check inside the one LMCache that PYTHONPATH names, and prints a line for each.

Importing LMCache takes seconds, so it happens once, and the checks run in forks of this process.
"""

import argparse
import sys

import checks
from environment import VERSION
from forks import run_checks

MODULES = ["check_basic", "check_health", "check_remote_backend", "check_engines"]
MODULES += ["check_resp", "check_access", "check_adapters", "check_mixed", "check_peers"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--large", required=True, help="host:port of a server with room for everything")
    parser.add_argument("--small", required=True, help="host:port of a server that has to evict")
    parser.add_argument("--unbounded", action="store_true", help="the small server is not small after all")
    parser.add_argument("--resp", required=True, help="host:port of what speaks RESP")
    parser.add_argument("--lookup", default="", help="host:port of a lookup registry")
    parser.add_argument("--peer", default="", help="host:port of the peer that the registry knows of")
    parser.add_argument("--tls", default="", help="host:port of the large server's door of TLS")
    parser.add_argument("--guarded", default="", help="host:port of a server that knows users")
    parser.add_argument("--guarded-tls", default="", help="host:port of that server's door of TLS")
    parser.add_argument("--only", default="", help="run the checks with this in their name")
    options = parser.parse_args()
    names = ("large", "small", "resp", "lookup", "peer", "tls", "guarded", "guarded_tls")
    addresses = {name: getattr(options, name) for name in names}
    servers = checks.Servers(small_is_bounded=not options.unbounded, **addresses)
    return run_checks(checks.all_checks(MODULES), options.only, VERSION, servers)


if __name__ == "__main__":
    sys.exit(main())

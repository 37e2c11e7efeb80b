"""Runs the sessions of one client and prints a line for each. PYTHONPATH names the client's library."""

import argparse
import sys

import checks
from forks import run_checks
from targets import Targets

REDIS_PY = ["py_commands", "py_values", "py_keyspace", "py_transactions"]
REDIS_PY += ["py_pipelines", "py_asyncio", "py_connections"]
MODULES = {
    "redis-py": REDIS_PY,
    "redis-tools": ["tools_cli", "tools_benchmark"],
    "glide-sync": ["glide_sync_sessions"],
    "glide-async": ["glide_async_sessions"],
    "differences": ["differences"],
}


def modules_of(client):
    return next(modules for name, modules in MODULES.items() if client.startswith(name))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--client", required=True)
    parser.add_argument("--open", required=True, help="host:port of a server without a password")
    parser.add_argument("--locked", required=True, help="host:port of a server with one")
    parser.add_argument("--cluster", required=True, help="host:port of a cluster of one node")
    parser.add_argument("--redis", action="store_true", help="all of them are redis-server")
    parser.add_argument("--only", default="", help="run the sessions with this in their name")
    parser.add_argument("--tls", action="store_true", help="all of them speak TLS; SSL_CERT_FILE names whom to trust")
    options = parser.parse_args()
    target = Targets(options.open, options.locked, options.cluster, options.redis, options.tls)
    # A session that this client does not support is not registered.
    return run_checks(checks.all_checks(modules_of(options.client)), options.only, (), target)


if __name__ == "__main__":
    sys.exit(main())
